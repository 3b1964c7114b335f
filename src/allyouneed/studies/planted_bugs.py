"""Four parts of a Transformer, each written right and with bugs that people have made.

A part is one function, so that a test can be put to it and a model can be built of it.

    attention   q, k, v (B, H, T, d_k), mask (T, T), True where one may look -> as q
    heads       (B, T, d_model), H -> (B, H, T, d_model / H)
    norm        (B, T, d_model) -> the same, before gain and bias
    positions   embeddings (B, T, d_model) -> the same, with positions added

`halves` is no bug: it puts the sines before the cosines, as tensor2tensor does.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, nn

from allyouneed.models.sequence_models import MixerConfig, SequenceModel
from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.nn.masks import causal_mask

Kind = Literal["attention", "heads", "norm", "positions"]
NEVER = -1e9  # a score that no softmax sees; -inf would turn an empty row to NaN


@dataclass(frozen=True, kw_only=True)
class Part:
    """One way to write one part.

    Attributes:
        name: what is done, "right" if nothing else.
        sound: whether a model of it is the paper's, but for the order of features.
    """

    name: str
    kind: Kind
    function: Callable[..., Tensor]
    sound: bool = False


def attention(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """Equation (1): scores by the root, the hidden ones out, softmax over the keys."""
    scores = q @ k.mT / q.shape[-1] ** 0.5
    return scores.masked_fill(~mask, NEVER).softmax(-1) @ v


def no_root(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """Nothing divides the scores."""
    return (q @ k.mT).masked_fill(~mask, NEVER).softmax(-1) @ v


def root_of_all_heads(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """The root of d_model, where that of one head's d_k belongs."""
    scores = q @ k.mT / (q.shape[1] * q.shape[-1]) ** 0.5
    return scores.masked_fill(~mask, NEVER).softmax(-1) @ v


def softmax_over_queries(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """The columns sum to one, not the rows."""
    scores = q @ k.mT / q.shape[-1] ** 0.5
    return scores.masked_fill(~mask, NEVER).softmax(-2) @ v


def zeros_afterwards(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """Weights of hidden keys are set to 0 after a softmax over all (note 003)."""
    weights = (q @ k.mT / q.shape[-1] ** 0.5).softmax(-1)
    return weights.masked_fill(~mask, 0.0) @ v


def mask_turned_round(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """True is taken for hidden, as `nn.MultiheadAttention` takes it."""
    scores = q @ k.mT / q.shape[-1] ** 0.5
    return scores.masked_fill(mask, NEVER).softmax(-1) @ v


def mask_as_numbers(q: Tensor, k: Tensor, v: Tensor, mask: Tensor) -> Tensor:
    """A mask of 0 and 1 is added to the scores, as one of 0 and -inf should be."""
    return (q @ k.mT / q.shape[-1] ** 0.5 + mask).softmax(-1) @ v


def split(x: Tensor, heads: int) -> Tensor:
    """Each head takes its own features of each position."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def split_by_reshape(x: Tensor, heads: int) -> Tensor:
    """The right shape, and each head gets all features of some positions."""
    batch, length, width = x.shape
    return x.reshape(batch, heads, length, width // heads)


def norm(x: Tensor) -> Tensor:
    """Mean 0 and variance 1 over the features of each position."""
    centred = x - x.mean(-1, keepdim=True)
    return centred / (centred.square().mean(-1, keepdim=True) + 1e-5).sqrt()


def unbiased(x: Tensor) -> Tensor:
    """The deviation divided by one less, the default of `Tensor.std`."""
    return (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + 1e-5)


def over_positions(x: Tensor) -> Tensor:
    """Mean and variance of each feature over the sentence."""
    centred = x - x.mean(1, keepdim=True)
    return centred / (centred.square().mean(1, keepdim=True) + 1e-5).sqrt()


def angles(length: int, d_model: int, *, power: float = 1.0) -> Tensor:
    """Radians of each position and pair: (length, d_model / 2)."""
    pairs = torch.arange(0, d_model, 2) / d_model
    return torch.arange(length)[:, None] / 10_000 ** (power * pairs)


def turns(x: Tensor) -> Tensor:
    """Section 3.5: sines and cosines in turn."""
    angle = angles(*x.shape[1:])
    return x + torch.stack((angle.sin(), angle.cos()), -1).flatten(1)


def exponent_twice(x: Tensor) -> Tensor:
    """The exponent of note 004's sample code, `2 * i / d_model` with i even."""
    angle = angles(*x.shape[1:], power=2.0)
    return x + torch.stack((angle.sin(), angle.cos()), -1).flatten(1)


def by_sentence(x: Tensor) -> Tensor:
    """Row b of the table goes to sentence b: made for (T, B, d_model), given (B, T)."""
    angle = angles(len(x), x.shape[-1])
    return x + torch.stack((angle.sin(), angle.cos()), -1).flatten(1)[:, None]


def halves(x: Tensor) -> Tensor:
    """All sines, then all cosines: other places for the same numbers."""
    angle = angles(*x.shape[1:])
    return x + torch.cat((angle.sin(), angle.cos()), -1)


RIGHT = (
    Part(name="right attention", kind="attention", function=attention, sound=True),
    Part(name="right heads", kind="heads", function=split, sound=True),
    Part(name="right norm", kind="norm", function=norm, sound=True),
    Part(name="right positions", kind="positions", function=turns, sound=True),
)
PLANTED = (
    Part(name="no root", kind="attention", function=no_root),
    Part(name="root of d_model", kind="attention", function=root_of_all_heads),
    Part(name="softmax over queries", kind="attention", function=softmax_over_queries),
    Part(name="zeros after softmax", kind="attention", function=zeros_afterwards),
    Part(name="mask turned round", kind="attention", function=mask_turned_round),
    Part(name="mask as 0 and 1", kind="attention", function=mask_as_numbers),
    Part(name="heads by reshape", kind="heads", function=split_by_reshape),
    Part(name="deviation by n - 1", kind="norm", function=unbiased),
    Part(name="norm over positions", kind="norm", function=over_positions),
    Part(name="exponent twice", kind="positions", function=exponent_twice),
    Part(name="positions by sentence", kind="positions", function=by_sentence),
)
HARMLESS = Part(name="halves", kind="positions", function=halves, sound=True)


class Heads(MultiHeadAttention):
    """Causal self-attention whose attention and split are given: (B, T, d_model)."""

    attends: Callable[..., Tensor] = staticmethod(attention)
    splits: Callable[..., Tensor] = staticmethod(split)

    def forward(self, x: Tensor, *_: Any, **__: Any) -> Tensor:
        """Let each position look at itself and those before it, same shape."""
        q, k, v = (
            self.splits(part(x), self.heads)
            for part in (self.query, self.key, self.value)
        )
        mixed = self.attends(q, k, v, causal_mask(x.shape[1], device=x.device))
        return self.output(mixed.transpose(1, 2).flatten(2))


class Normed(nn.Module):
    """A norm with gain and bias: (B, T, d_model), same shape."""

    def __init__(self, d_model: int, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(d_model))
        self.bias = nn.Parameter(torch.zeros(d_model))
        self.function = function

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:  # noqa: ARG002
        """Normalise, then scale and shift each feature."""
        return self.function(x) * self.gain + self.bias


class Placed(nn.Module):
    """Positions added by a function: (B, T, d_model), same shape."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor, *, offset: int = 0) -> Tensor:  # noqa: ARG002
        """Add the positions 0, 1, ..."""
        return self.function(x)


def planted(part: Part, config: MixerConfig) -> SequenceModel:
    """A causal model with attention, written anew, one part as `part` has it.

    Raises:
        ValueError: the model has no attention.
    """
    if config.mixer != "attention":
        raise ValueError(f"{config.mixer=} has no attention to plant a bug in")
    made = SequenceModel(config)
    model: Any = made  # its parts change their kind
    model.place = Placed(part.function if part.kind == "positions" else turns)
    for layer in model.layers:
        looks = Heads(config.d_model, config.heads)
        looks.load_state_dict(layer.mixer.state_dict())
        if part.kind == "attention":
            looks.attends = part.function
        if part.kind == "heads":
            looks.splits = part.function
        layer.mixer = looks
    normal = part.function if part.kind == "norm" else norm
    residuals = [part for layer in model.layers for part in layer.around]
    for module in (*residuals, model):
        module.norm = Normed(config.d_model, normal)
    return made
