"""What every search asks of the scores: how long, whether sound, which are the largest.

Shapes: `B` sentences with `S` positions, `N` rows of scores, `V` words.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from allyouneed.ground.special_tokens import PAD
from allyouneed.models.seq2seq import Translator, longest

MANY = 2**17  # scores from which to group them before the maximum was seen to be faster


def limits(model: Translator, source: Tensor, extra: int) -> list[int]:
    """How many words a translation of each source (B, S) may have: `extra` more.

    None has more than the model knows positions for.

    Raises:
        ValueError: `extra` is below 1.
    """
    if extra < 1:
        raise ValueError(f"{extra=}: a translation needs room for at least 1 word")
    most, bound = (source != PAD).sum(-1) + extra, longest(model)
    return (most if bound is None else most.clamp(max=bound)).tolist()


def checked(scores: Tensor) -> Tensor:
    """The scores of the next words (N, V) themselves, if the likeliest is a number.

    Raises:
        FloatingPointError: the model is broken; NaN would be taken for an empty text.
    """
    if not scores.amax(-1).isfinite().all():
        raise FloatingPointError(
            "the model's scores are NaN or infinite: its weights are broken, or too "
            "large for fp16; take an older checkpoint, or fp32"
        )
    return scores


def largest(scores: Tensor, count: int, *, width: int = 64) -> tuple[Tensor, Tensor]:
    """`scores.topk(count)`, but faster on a CPU: (N, V) -> (N, count) twice.

    The largest numbers stand in those groups of `width` whose own maxima are largest.

    >>> [part.tolist() for part in largest(torch.tensor([[3.0, 1.0, 2.0]]), 2)]
    [[[3.0, 2.0]], [[0, 2]]]
    """
    count = min(count, scores.shape[-1])
    if scores.device.type != "cpu" or scores.shape[-1] // width <= count:
        return scores.topk(count)
    places = _within(scores, width, lambda maxima: maxima.topk(count).indices)
    top, choice = scores.gather(-1, places).topk(count)
    return top, places.gather(-1, choice)


def likeliest(scores: Tensor, *, width: int = 64) -> Tensor:
    """`scores.argmax(-1)`, but of many faster on a CPU: (N, V) -> (N,).

    The first of the largest stands in the first group with the largest maximum.

    >>> likeliest(torch.tensor([[1.0, 3.0, 3.0]])).tolist()
    [1]
    """
    many = scores.shape[-1] >= 2 * width and scores.numel() >= MANY
    if scores.device.type != "cpu" or not many:
        return scores.argmax(-1)
    places = _within(scores, width, lambda maxima: maxima.argmax(-1, keepdim=True))
    choice = scores.gather(-1, places).argmax(-1, keepdim=True)
    return places.gather(-1, choice).squeeze(-1)


def _within(scores: Tensor, width: int, pick: Callable[[Tensor], Tensor]) -> Tensor:
    """Places of the groups that `pick` takes by their maxima, and of no whole group."""
    size = scores.shape[-1]
    groups = scores[:, : size - size % width].unflatten(-1, (-1, width))
    places = pick(groups.amax(-1))[..., None] * width + torch.arange(width)
    rest = torch.arange(size - size % width, size).expand(len(scores), -1)
    return torch.cat((places.flatten(1), rest), dim=-1)
