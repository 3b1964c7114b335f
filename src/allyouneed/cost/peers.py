"""Other libraries' translators of the same size: what ours is measured against.

Shapes: `B` sentences, `S` source positions, `T` target positions, `V` words.
"""

from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed.cost import measure
from allyouneed.data.batches import Batch
from allyouneed.ground import runtime
from allyouneed.ground.special_tokens import BOS, EOS, PAD
from allyouneed.models.layers import TransformerConfig
from allyouneed.models.transformer import Transformer
from allyouneed.nn.positions import Sinusoidal
from allyouneed.training.distributed import Alone
from allyouneed.training.updates import Learner, TrainingConfig

RATE = 1e-3
SMOOTHED = 0.1  # share of label smoothing, the paper's


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Where all works run, and how."""

    device: torch.device
    precision: runtime.Precision = "fp32"
    compiled: bool = False
    rounds: int = 15

    def dressed(self, model: nn.Module) -> Any:
        """The model on the device, compiled if that is asked for."""
        model = model.to(self.device)
        return torch.compile(model) if self.compiled else model

    def autocast(self) -> Any:
        """The context in which forward passes run."""
        return runtime.autocast(self.device, self.precision)


class Peer(Protocol):
    """A translator that can be trained and compared."""

    def parameters(self) -> Any:
        """What is learned."""

    def loss(self, source: Tensor, target: Tensor, labels: Tensor) -> Tensor:
        """Mean smoothed cross-entropy: (B, S), (B, T), (B, T) -> ()."""


class TorchTranslator(nn.Module):
    """`torch.nn.Transformer` between tied embeddings, as its tutorial wires it.

    Its projections add biases, and it drops attention weights and hidden units too:
    PyTorch has one `dropout` for all.
    """

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.words = nn.Embedding(config.vocab, config.d_model, padding_idx=PAD)
        nn.init.normal_(self.words.weight, std=config.d_model**-0.5)
        self.place = Sinusoidal(config.d_model)
        self.dropout = nn.Dropout(config.p_drop)
        self.layers = nn.Transformer(
            config.d_model,
            config.heads,
            config.layers,
            config.layers,
            config.d_ff,
            config.p_drop,
            batch_first=True,
        )

    def loss(self, source: Tensor, target: Tensor, labels: Tensor) -> Tensor:
        """Mean smoothed cross-entropy: (B, S), (B, T), (B, T) -> ()."""
        length, padding = target.shape[1], source == PAD
        future = nn.Transformer.generate_square_subsequent_mask(
            length, device=target.device
        )
        hidden = padding if bool(padding.any()) else None
        states = self.layers(
            self._embed(source),
            self._embed(target),
            tgt_mask=future,
            tgt_is_causal=True,
            src_key_padding_mask=hidden,
            memory_key_padding_mask=hidden,
        )
        return _cross_entropy(F.linear(states, self.words.weight), labels)

    def _embed(self, tokens: Tensor) -> Tensor:
        x = self.words(tokens) * self.words.embedding_dim**0.5
        return self.dropout(self.place(x))


class MarianTranslator(nn.Module):
    """Hugging Face's Marian (Junczys-Dowmunt et al., 2018), as its library runs it.

    Raises:
        ModuleNotFoundError: Transformers is not installed; it says how to.
    """

    def __init__(self, config: TransformerConfig, *, longest: int = 512) -> None:
        super().__init__()
        try:
            hugging_face = import_module("transformers")
        except ModuleNotFoundError:
            raise ModuleNotFoundError(
                'Transformers is not installed: pip install "allyouneed[bench]"'
            ) from None
        sizes = hugging_face.MarianConfig(
            vocab_size=config.vocab,
            d_model=config.d_model,
            encoder_layers=config.layers,
            decoder_layers=config.layers,
            encoder_attention_heads=config.heads,
            decoder_attention_heads=config.heads,
            encoder_ffn_dim=config.d_ff,
            decoder_ffn_dim=config.d_ff,
            dropout=config.p_drop,
            attention_dropout=0.0,
            activation_dropout=0.0,
            activation_function="relu",
            scale_embedding=True,
            max_position_embeddings=longest,
            pad_token_id=PAD,
            bos_token_id=BOS,
            eos_token_id=EOS,
            decoder_start_token_id=BOS,
            forced_eos_token_id=None,
        )
        self.model: Any = hugging_face.MarianMTModel(sizes)

    def loss(self, source: Tensor, target: Tensor, labels: Tensor) -> Tensor:
        """Mean smoothed cross-entropy: (B, S), (B, T), (B, T) -> ()."""
        logits = self.model(
            input_ids=source,
            attention_mask=(source != PAD).long(),
            decoder_input_ids=target,
            use_cache=False,
        ).logits
        return _cross_entropy(logits, labels)

    @torch.no_grad()
    def generate(self, source: Tensor, *, beams: int, words: int) -> Tensor:
        """So many words of each sentence, with no end before: (B, 1 + words)."""
        found: Tensor = self.model.generate(
            input_ids=source,
            attention_mask=(source != PAD).long(),
            num_beams=beams,
            do_sample=False,
            max_new_tokens=words,
            eos_token_id=None,
        )
        return found


def our_update(model: Transformer, words: Batch, terms: Terms) -> measure.Work:
    """As `training.train` does it, checks and gradient norm included."""
    recipe = TrainingConfig(steps=1, warmup=1, peak=RATE, precision=terms.precision)
    learner = Learner(model, recipe, terms.device, Alone())
    if terms.compiled:
        model.loss = torch.compile(model.loss)  # type: ignore[method-assign]
    return partial(learner.update, [words])


def update(peer: Peer, words: Batch, terms: Terms) -> measure.Work:
    """The usual loop: loss, gradients, one fused step of Adam."""
    model: Any = terms.dressed(peer)  # type: ignore[arg-type]
    loss = torch.compile(peer.loss) if terms.compiled else peer.loss
    adam = torch.optim.Adam(
        model.parameters(),
        lr=RATE,
        betas=(0.9, 0.98),
        eps=1e-9,
        fused=runtime.fuses(terms.device),
    )

    def update() -> float:
        model.train()
        with terms.autocast():
            value = loss(words.source, words.inputs, words.labels)
        adam.zero_grad()
        value.backward()
        adam.step()
        return value.item()

    return update


def _cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    wide = torch.promote_types(logits.dtype, torch.float32)
    return F.cross_entropy(
        logits.flatten(0, 1).to(wide),
        labels.flatten(),
        ignore_index=PAD,
        label_smoothing=SMOOTHED,
    )
