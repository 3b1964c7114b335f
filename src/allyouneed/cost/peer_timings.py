"""What is timed side by side: works on equal terms, ours and those of its peers.

The same sizes, the same batch, the same device and precision. What a work computes is
tested elsewhere; here it is only made ready to be timed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from allyouneed import decoding
from allyouneed.cost import measure, transformer_cost
from allyouneed.cost.ctranslate import Arithmetic, ConvertedTranslator
from allyouneed.cost.peers import (
    MarianTranslator,
    Terms,
    TorchTranslator,
    our_update,
    update,
)
from allyouneed.data.batches import Batch
from allyouneed.ground.special_tokens import BOS, EOS, PAD
from allyouneed.models import sequence_models
from allyouneed.models.layers import TransformerConfig
from allyouneed.models.transformer import Transformer
from allyouneed.nn.attention import MultiHeadAttention

SIZES = TransformerConfig(vocab=8000, d_model=256, layers=3, heads=8, d_ff=1024)
SENTENCES, LENGTH, WORDS = 64, 28, 48
FEW = 8  # sentences where one way is slow
CONVERTED: dict[str, Arithmetic] = {
    "CTranslate2": "float32",
    "CTranslate2, 8 bits": "int8",
}
Works = dict[str, measure.Work]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A benchmark: works side by side, and what one call of each of them does.

    `tokens` are target words, `flops` operations of the plainest of the works.
    """

    name: str
    works: Works
    tokens: int
    flops: int = 0


def batch(device: torch.device, *, padded: bool) -> Batch:
    """Random words: all sentences of one length, or of any from a third of it on."""
    chance = torch.Generator().manual_seed(0)
    shape = (SENTENCES, LENGTH)
    lengths = torch.full((SENTENCES, 2), LENGTH)
    if padded:
        lengths = torch.randint(
            LENGTH // 3, LENGTH + 1, (SENTENCES, 2), generator=chance
        )
    sides = []
    for side in range(2):
        words = torch.randint(EOS + 1, SIZES.vocab, shape, generator=chance)
        beyond = torch.arange(LENGTH) >= lengths[:, side, None]
        sides.append(words.masked_fill(beyond, PAD))
    target = torch.cat((torch.full((SENTENCES, 1), BOS), sides[1]), dim=1)
    return Batch(sides[0], target).to(device)


def training(terms: Terms, *, padded: bool) -> Case:
    """A training step of the small translator: ours, PyTorch's, Hugging Face's."""
    words = batch(terms.device, padded=padded)
    ours = Transformer(SIZES)
    case = "training, sentences of all lengths" if padded else "training, no padding"
    works: Works = {
        "ours": our_update(ours, words, terms),
        "torch.nn.Transformer": update(TorchTranslator(SIZES), words, terms),
        "Marian (Hugging Face)": update(MarianTranslator(SIZES), words, terms),
    }
    return Case(
        name=case, works=works, tokens=_tokens(words), flops=_flops(words, SIZES)
    )


def generation(terms: Terms, *, beams: int) -> Case:
    """Translations of `WORDS` words each, with a cache: ours and Hugging Face's.

    On a CPU also CTranslate2's, of our weights, in float32 and with 8 bits.
    """
    source = batch(terms.device, padded=False).source
    ours, marian = Transformer(SIZES).eval(), MarianTranslator(SIZES).eval()
    with torch.no_grad():
        ours.embedding.words.weight[EOS] = 0.0  # the end never scores best
    ours, marian = ours.to(terms.device), marian.to(terms.device)
    extra = WORDS - LENGTH

    def write() -> object:
        with terms.autocast():
            if beams == 1:
                return decoding.greedy(ours, source, extra=extra)
            return decoding.beam(ours, source, beams=beams, extra=extra)

    def write_theirs() -> object:
        with terms.autocast():
            return marian.generate(source, beams=beams, words=WORDS)

    works: Works = {"ours": write, "Marian (Hugging Face)": write_theirs}
    if terms.device.type == "cpu":
        for who, arithmetic in CONVERTED.items():
            converted = ConvertedTranslator(ours, arithmetic=arithmetic)
            works[who] = partial(converted.generate, source, beams=beams, words=WORDS)
    name = "generation, greedy" if beams == 1 else f"generation, beam {beams}"
    return Case(name=name, works=works, tokens=SENTENCES * WORDS)


def attention(terms: Terms, *, length: int, causal: bool = False) -> Case:
    """Attention forwards and backwards, beside the kernel alone and its projections."""
    d_model, heads = SIZES.d_model, SIZES.heads
    count = max(1, SENTENCES * LENGTH // length)
    x = torch.randn(count, length, d_model, device=terms.device, requires_grad=True)
    ours = terms.dressed(MultiHeadAttention(d_model, heads))
    plain = terms.dressed(_Bare(d_model, heads, causal=causal))
    q, k, v = (
        part.detach().unflatten(-1, (heads, -1)).transpose(1, 2).requires_grad_()
        for part in (x, x, x)
    )
    kernel = F.scaled_dot_product_attention
    works: Works = {
        "ours": partial(_there_and_back, partial(ours, x, causal=causal), terms),
        "kernel and projections": partial(_there_and_back, partial(plain, x), terms),
        "kernel alone": partial(
            _there_and_back, partial(kernel, q, k, v, is_causal=causal), terms
        ),
    }
    kind = "causal attention" if causal else "attention"
    return Case(name=f"{kind}, n = {length}", works=works, tokens=count * length)


class _Bare(nn.Module):
    """Four projections around PyTorch's kernel, and nothing else."""

    def __init__(self, d_model: int, heads: int, *, causal: bool) -> None:
        super().__init__()
        self.maps = nn.ModuleList(
            nn.Linear(d_model, d_model, bias=False) for _ in "qkvo"
        )
        self.heads, self.causal = heads, causal

    def forward(self, x: Tensor) -> Tensor:
        *into, out = self.maps
        q, k, v = (m(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for m in into)
        seen = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return out(seen.transpose(1, 2).flatten(2))


def base(terms: Terms, *, tokens: int = 8192) -> Case:
    """A training step of the paper's base model, `tokens` words a side."""
    config, length = TransformerConfig.base(vocab=37_000), 32
    chance = torch.Generator().manual_seed(0)
    shape = (tokens // length, length)
    sides = [
        torch.randint(EOS + 1, config.vocab, shape, generator=chance) for _ in range(2)
    ]
    words = Batch(sides[0], F.pad(sides[1], (1, 0), value=BOS)).to(terms.device)
    works: Works = {"ours": our_update(Transformer(config), words, terms)}
    return Case(
        name=f"training base(), {tokens} tokens",
        works=works,
        tokens=_tokens(words),
        flops=_flops(words, config),
    )


def caching(terms: Terms) -> Case:
    """Greedy translations with the cache, and reading all anew at each word."""
    source = batch(terms.device, padded=False).source[:FEW]
    model = Transformer(SIZES).eval().to(terms.device)

    @torch.no_grad()
    def anew() -> object:
        memory = model.encode(source)
        written = torch.full((len(source), 1), BOS, device=terms.device)
        for _ in range(WORDS):
            best = model.decode(written, memory)[:, -1:].argmax(-1)
            written = torch.cat((written, best), dim=1)
        return written

    with torch.no_grad():
        model.embedding.words.weight[EOS] = 0.0
    kept = partial(decoding.greedy, model, source, extra=WORDS - LENGTH)
    works: Works = {"with a cache": kept, "all anew": anew}
    return Case(name="the cache", works=works, tokens=FEW * WORDS)


def recurrence(terms: Terms, *, length: int, tokens: int = 4096) -> Case:
    """A language model forwards and backwards: attention, and an LSTM of its size."""
    attentive = sequence_models.MixerConfig(
        vocab=256, mixer="attention", d_model=256, heads=8, d_ff=1024
    )
    count = sequence_models.parameters(attentive)
    lstm = sequence_models.sized(
        replace(attentive, mixer="lstm", heads=1, d_ff=None), count
    )
    text = torch.randint(256, (max(1, tokens // length), length), device=terms.device)
    works: Works = {}
    for name, config in (("attention", attentive), ("LSTM", lstm)):
        model = terms.dressed(sequence_models.SequenceModel(config))
        works[name] = partial(_there_and_back, partial(model, text), terms)
    return Case(name=f"language model, n = {length}", works=works, tokens=text.numel())


def _there_and_back(work: Callable[[], Tensor], terms: Terms) -> None:
    with terms.autocast():
        y = work()
    y.sum().backward()


def _tokens(words: Batch) -> int:
    return int((words.labels != PAD).sum())


def _flops(words: Batch, config: TransformerConfig) -> int:
    """Of a training step, padding left out."""
    lengths = zip(
        (words.source != PAD).sum(-1).tolist(),
        (words.labels != PAD).sum(-1).tolist(),
        strict=True,
    )
    pairs = (
        transformer_cost.training_flops(config, source=s, target=t) for s, t in lengths
    )
    return sum(pair.total for pair in pairs)
