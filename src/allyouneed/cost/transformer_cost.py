"""What a Transformer costs: operations, time, energy, money (tables 1 and 2).

An operation is one addition or one multiplication of floating-point numbers, so a
multiply-add is two. Counted are matrix products, as the paper does in table 1 and
PyTorch's counter (`measure.flops`) does: no look-up of embeddings, norm, softmax, ReLU.
Every place of a score matrix counts, masked or not, and so does padding.

FLOPs are a number of operations, FLOPS is a number a second; here the names say which:
`flops` and `flops_per_second`.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import torch

from allyouneed.models.layers import TransformerConfig
from allyouneed.models.transformer import Transformer

# Footnote 5: what the authors took for a GPU's sustained single-precision rate.
FOOTNOTE_5: Mapping[str, float] = MappingProxyType(
    {"K80": 2.8e12, "K40": 3.7e12, "M40": 6.0e12, "P100": 9.5e12}
)


@dataclass(frozen=True, kw_only=True)
class Flops:
    """Operations, by what they are spent on; `+` adds two, `*` takes several.

    Args:
        projections: attention's queries, keys, values and output.
        mixing: scores, and values mixed by them: the part that is quadratic in n.
        feed_forward: the two layers of equation 2.
        logits: the scores of the words.
    """

    projections: int = 0
    mixing: int = 0
    feed_forward: int = 0
    logits: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return sum(dataclasses.astuple(self))

    def __add__(self, other: "Flops") -> "Flops":
        pairs = zip(dataclasses.astuple(self), dataclasses.astuple(other), strict=True)
        return _flops(*(mine + theirs for mine, theirs in pairs))

    def __mul__(self, times: int) -> "Flops":
        return _flops(*(times * part for part in dataclasses.astuple(self)))


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Weights of a model, by who reads them: a source token, a target token, or both.

    `embedding` holds what turns words and places into vectors; it is looked up, not
    multiplied with, unless it is `tied` to the output layer.
    """

    embedding: int
    encoder: int
    decoder: int
    output: int

    @property
    def total(self) -> int:
        """All of them, shared weights once."""
        return sum(dataclasses.astuple(self))


@dataclass(frozen=True, kw_only=True)
class Run:
    """How long a training took, and on how many devices.

    >>> f"{Run.base().stated_flops(FOOTNOTE_5['P100']):.1e}"
    '3.3e+18'
    """

    seconds: float
    devices: int = 1

    def __post_init__(self) -> None:
        if self.seconds <= 0 or self.devices < 1:
            raise ValueError(
                f"seconds={self.seconds}, devices={self.devices}: give more than 0 "
                "seconds and at least one device"
            )

    @classmethod
    def base(cls) -> "Run":
        """The paper's base model: 12 hours on eight P100 (section 5.2)."""
        return cls(seconds=12 * 3600, devices=8)

    @classmethod
    def big(cls) -> "Run":
        """The paper's big model: 3.5 days on eight P100 (section 5.2)."""
        return cls(seconds=3.5 * 24 * 3600, devices=8)

    def stated_flops(self, flops_per_second: float) -> float:
        """Time x devices x rate: what table 2 calls training cost (section 6.1)."""
        return self.seconds * self.devices * flops_per_second

    def flops_per_second(self, flops: float) -> float:
        """The rate that one device kept up, if `flops` is the work of all."""
        return flops / (self.seconds * self.devices)

    def utilisation(self, flops: float, *, most_flops_per_second: float) -> float:
        """The same as a share of the most that one device can do."""
        return self.flops_per_second(flops) / most_flops_per_second

    def kilowatt_hours(self, watts: float, *, overhead: float = 1.0) -> float:
        """Energy of a machine that draws `watts` in all, times its building's overhead.

        The overhead is what a data centre takes from the grid for each unit that
        reaches its computers, 1 or more.
        """
        return watts * overhead * self.seconds / 3.6e6

    def price(self, device_hour: float) -> float:
        """Rent, in the currency of the price of one device for one hour."""
        return self.seconds / 3600 * self.devices * device_hour


def attention_flops(config: TransformerConfig, *, queries: int, keys: int) -> Flops:
    """Operations of one multi-head attention (section 3.2.2), forward.

    With d_k = d_v = d_model / heads and n queries and keys: 8 n d_model² for the four
    projections and 4 n² d_model for the two products, however many heads.

    Raises:
        ValueError: a length is below 1, or `config` has positions that cost products
            of their own.

    >>> attention_flops(TransformerConfig.base(vocab=1), queries=50, keys=50).mixing
    5120000
    """
    _check(config, queries=queries, keys=keys)
    d_k, d_v = (d or config.d_model // config.heads for d in (config.d_k, config.d_v))
    of_queries = 2 * queries * config.d_model * config.heads * (d_k + d_v)
    of_keys = (
        2 * keys * config.d_model * (config.kv_heads or config.heads) * (d_k + d_v)
    )
    return Flops(
        projections=of_queries + of_keys,  # W^Q and W^O, W^K and W^V
        mixing=2 * queries * keys * config.heads * (d_k + d_v),
    )


def encoder_flops(config: TransformerConfig, *, source: int) -> Flops:
    """Operations to encode one sentence of `source` positions.

    Raises:
        ValueError: as `attention_flops`.
    """
    own = attention_flops(config, queries=source, keys=source)
    return (own + _feed_forward(config, source)) * config.layers


def decoder_flops(config: TransformerConfig, *, source: int, target: int) -> Flops:
    """Operations to score one known target of `target` positions, logits included.

    Raises:
        ValueError: as `attention_flops`.
    """
    own = attention_flops(config, queries=target, keys=target)
    cross = attention_flops(config, queries=target, keys=source)
    layers = (own + cross + _feed_forward(config, target)) * config.layers
    return layers + Flops(logits=2 * target * config.d_model * config.vocab)


def forward_flops(config: TransformerConfig, *, source: int, target: int) -> Flops:
    """Operations of the whole model for one pair of sentences.

    Raises:
        ValueError: as `attention_flops`.
    """
    encoder = encoder_flops(config, source=source)
    return encoder + decoder_flops(config, source=source, target=target)


def training_flops(config: TransformerConfig, *, source: int, target: int) -> Flops:
    """Operations of one pair in an update: three times those of the forward pass.

    Backward, each product has two of its size: for the gradients of its two factors.
    A kernel that computes the scores anew instead of keeping them does more. Moving the
    weights costs a few operations a parameter and update, and is left out.

    Raises:
        ValueError: as `attention_flops`.
    """
    return forward_flops(config, source=source, target=target) * 3


def parameters(config: TransformerConfig) -> Parameters:
    """Count the weights of a model, without making it.

    >>> parameters(TransformerConfig.base(vocab=37_000)).total
    63045632
    """
    with torch.device("meta"):
        model = Transformer(config)
    sums = dict.fromkeys(("embedding", "encoder", "decoder", "output"), 0)
    for name, weight in model.named_parameters():
        owner = name.partition(".")[0].removesuffix("_norm")
        sums[owner if owner in sums else "embedding"] += weight.numel()
    return Parameters(**sums)


def six_nd(parameters: int, tokens: int) -> int:
    """The rule of thumb for training a model with N weights on D tokens: 6ND.

    Each weight takes part in one multiply-add a token forward, and in two backward. It
    is right if every token meets every weight and mixing costs little.
    """
    return 6 * parameters * tokens


def _flops(projections: int, mixing: int, feed_forward: int, logits: int) -> Flops:
    return Flops(
        projections=projections,
        mixing=mixing,
        feed_forward=feed_forward,
        logits=logits,
    )


def _feed_forward(config: TransformerConfig, positions: int) -> Flops:
    matrices = 3 if config.gated else 2
    return Flops(feed_forward=2 * matrices * positions * config.d_model * config.d_ff)


def _check(config: TransformerConfig, **lengths: int) -> None:
    for name, length in lengths.items():
        if length < 1:
            raise ValueError(f"{name}={length}: give at least 1 position")
    if config.positions == "shaw":
        raise ValueError(
            "positions='shaw' adds products with the vectors of distances, which the "
            "formulas leave out: count them with measure.flops"
        )
