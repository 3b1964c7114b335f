"""Words drawn by chance: temperature, the k likeliest, or the nucleus.

Shapes: `B` sentences still open, `V` words of the vocabulary. Beam search looks for the
likeliest text; a draw gives each text as often as the model believes in it.
"""

from functools import partial

import torch
from torch import Tensor

from allyouneed.decoding.greedy_search import word_by_word
from allyouneed.models.seq2seq import Translator


def sample(
    model: Translator,
    source: Tensor,
    *,
    generator: torch.Generator,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
    extra: int = 50,
) -> list[list[int]]:
    """Draw one translation of each sentence: B lists of ids, the end word left out.

    A sentence stops at its end word, or at the source's length plus `extra` words.

    Args:
        model: any translator; each word is computed once.
        source: (B, S), padded at the end.
        generator: where chance comes from, on the device of `source`.
        temperature: as for `narrowed`. By default it and the next two change nothing:
            translations come as often as the model says.
        top_k: as for `narrowed`.
        top_p: as for `narrowed`.
        extra: words that a translation may be longer than its source.

    Raises:
        ValueError: an argument is out of its range.
    """
    draw = partial(
        _draw,
        generator=generator,
        temperature=temperature,
        top_k=top_k,
        top_p=top_p,
    )
    return word_by_word(model, source, draw, extra=extra)


def narrowed(
    scores: Tensor,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    top_p: float | None = None,
) -> Tensor:
    """What words are drawn from: scores (B, V) -> probabilities (B, V).

    First `temperature` divides the scores: below 1 sharpens. Then only the `top_k`
    likeliest words stay (Fan et al., 2018), all of them where the last are level. Of
    what is left only the nucleus stays (Holtzman et al., 2020): the fewest words that
    together reach `top_p`.

    Raises:
        ValueError: the temperature is not above 0, `top_k` is below 1, or `top_p` is
            not above 0 and at most 1.

    >>> scores = torch.tensor([[0.5, 0.3, 0.2]]).log()
    >>> narrowed(scores, top_p=0.6)
    tensor([[0.6250, 0.3750, 0.0000]])
    >>> narrowed(scores, top_k=1)
    tensor([[1., 0., 0.]])
    """
    if not temperature > 0:
        raise ValueError(f"{temperature=}: give more than 0; greedy search has none")
    if top_k is not None and top_k < 1:
        raise ValueError(f"{top_k=}: keep at least 1 word, or give None for all")
    if top_p is not None and not 0 < top_p <= 1:
        raise ValueError(f"{top_p=}: give more than 0 and at most 1, or None for all")
    scores = scores.float() / temperature
    if top_k is not None:
        least = scores.topk(min(top_k, scores.shape[-1])).values[..., -1:]
        scores = scores.masked_fill(scores < least, -torch.inf)
    if top_p is not None and top_p < 1:  # sums of rounded shares pass 1 too early
        ordered, words = scores.sort(descending=True, stable=True)
        p = ordered.softmax(-1)
        beyond = p.cumsum(-1) - p >= top_p  # what stands before is already enough
        scores = scores.masked_fill(beyond.scatter(-1, words, beyond), -torch.inf)
    return scores.softmax(-1)


def _draw(
    scores: Tensor,
    *,
    generator: torch.Generator,
    temperature: float,
    top_k: int | None,
    top_p: float | None,
) -> Tensor:
    p = narrowed(scores, temperature=temperature, top_k=top_k, top_p=top_p)
    return torch.multinomial(p, 1, generator=generator).squeeze(-1)
