"""Our Transformer in CTranslate2, an engine for production (Klein et al., 2020).

It computes the same, with kernels of its own and without PyTorch, and can do so with
weights of 8 bits. Shapes: `B` sentences, `S` source positions.
"""

from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import torch
from torch import Tensor, nn

from allyouneed.decoding.next_words import limits
from allyouneed.ground.special_tokens import PAD
from allyouneed.models.transformer import Transformer, TransformerConfig
from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.nn.norms import LayerNorm
from allyouneed.nn.positions import sinusoids

Arithmetic = Literal["float32", "int8"]
SPECIAL = ("<pad>", "<s>", "</s>", "<unk>")  # in the order of their ids
LONGEST = 1024  # positions that have a wave
AT_ONCE = 64  # sentences, of like length


class ConvertedTranslator:
    """A Transformer's weights, run by CTranslate2 on as many threads as PyTorch has.

    With "int8" the matrices are rounded to 8 bits, row by row, and what they multiply
    is rounded as it comes.

    Raises:
        ModuleNotFoundError: CTranslate2 is not installed; it says how to.
        ValueError: the model is none that `convert` takes.
    """

    def __init__(
        self, model: Transformer, *, arithmetic: Arithmetic = "float32"
    ) -> None:
        self.model = model
        with TemporaryDirectory() as folder:
            convert(model, Path(folder) / "model")
            self._translator = _library().Translator(
                f"{folder}/model",
                compute_type=arithmetic,
                inter_threads=1,
                intra_threads=torch.get_num_threads(),
            )

    def greedy(self, source: Tensor, *, extra: int = 50) -> list[list[int]]:
        """`decoding.greedy` of the same weights: (B, S) -> B lists of ids.

        Raises:
            ValueError: `extra` is below 1.
        """
        most = limits(self.model, source, extra)
        found = self._translate(
            source, beam_size=1, max_batch_size=AT_ONCE, max_decoding_length=max(most)
        )
        return [ids[:limit] for ids, limit in zip(found, most, strict=True)]

    def generate(self, source: Tensor, *, beams: int, words: int) -> list[list[int]]:
        """So many words of each sentence (B, S), with no end before."""
        return self._translate(
            source,
            beam_size=beams,
            length_penalty=0,
            min_decoding_length=words,
            max_decoding_length=words,
        )

    def _translate(self, source: Tensor, **how: int) -> list[list[int]]:
        ids = {name: i for i, name in enumerate(SPECIAL)}
        sentences = [[_name(i) for i in row if i != PAD] for row in source.tolist()]
        results = self._translator.translate_batch(sentences, max_input_length=0, **how)
        best = (result.hypotheses[0] for result in results)
        return [[ids[w] if w in ids else int(w) for w in words] for words in best]


def convert(model: Transformer, folder: Path) -> None:
    """Write a model into a new `folder` that CTranslate2 reads; words are their ids.

    Raises:
        ModuleNotFoundError: CTranslate2 is not installed; it says how to.
        ValueError: the model has a part that CTranslate2 does not compute so.
    """
    config = model.config
    _check(config)
    spec = _library().specs.TransformerSpec.from_config(
        config.layers, config.heads, pre_norm=config.wiring == "pre"
    )
    for side in ("encoder", "decoder"):
        _write_stack(getattr(spec, side), model, side)
    spec.decoder.projection.weight = model.words.detach()
    vocabulary = [_name(i) for i in range(config.vocab)]
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.validate()
    spec.optimize()
    folder.mkdir()
    spec.save(str(folder))


def _write_stack(spec: Any, model: Any, side: str) -> None:
    embeddings = spec.embeddings
    words = embeddings[0] if isinstance(embeddings, list) else embeddings
    words.weight = model.embedding.words.weight.detach()
    spec.position_encodings.encodings = sinusoids(LONGEST, model.config.d_model).float()
    if model.config.wiring == "pre":
        _write_norm(spec.layer_norm, getattr(model, f"{side}_norm"))
    for there, layer in zip(spec.layer, getattr(model, side), strict=True):
        parts = [there.self_attention, there.ffn]
        _write_attention(there.self_attention, layer.attention, joined=3)
        if side == "decoder":
            parts.insert(1, there.attention)
            _write_attention(there.attention, layer.cross_attention, joined=2)
        _write_linear(there.ffn.linear_0, layer.feed_forward.hidden)
        _write_linear(there.ffn.linear_1, layer.feed_forward.output)
        for part, around in zip(parts, layer.around, strict=True):
            _write_norm(part.layer_norm, around.norm)


def _write_attention(spec: Any, layer: MultiHeadAttention, *, joined: int) -> None:
    """The last `joined` of query, key and value are one matrix there."""
    alone = [layer.query, layer.key, layer.value][:-joined]
    together = [layer.query, layer.key, layer.value][-joined:]
    groups = [*([one] for one in alone), together, [layer.output]]
    for linear, group in zip(spec.linear, groups, strict=True):
        _write_linear(linear, *group)


def _write_linear(spec: Any, *maps: nn.Linear) -> None:
    spec.weight = torch.cat([one.weight.detach() for one in maps])
    if maps[0].bias is not None:
        spec.bias = torch.cat([one.bias.detach() for one in maps])


def _write_norm(spec: Any, norm: LayerNorm) -> None:
    spec.gamma, spec.beta = norm.gain.detach(), norm.bias.detach()


def _check(config: TransformerConfig) -> None:
    width = config.d_model / config.heads
    takes = {
        "positions": ("sinusoidal",),
        "wiring": ("post", "pre"),
        "norm": ("layer",),
        "d_k": (None, width),
        "d_v": (None, width),
        "gated": (False,),
        "kv_heads": (None, config.heads),
    }
    for name, values in takes.items():
        if getattr(config, name) not in values:
            raise ValueError(
                f"{name}={getattr(config, name)!r}: CTranslate2's Transformer has not "
                f"this; convert one with {' or '.join(map(str, values))}"
            )


def _name(word: int) -> str:
    return SPECIAL[word] if word < len(SPECIAL) else str(word)


def _library() -> Any:
    try:
        return import_module("ctranslate2")
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            'CTranslate2 is not installed: pip install "allyouneed[bench]"'
        ) from None
