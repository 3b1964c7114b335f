"""Word vectors by counting: words that keep the same company get similar vectors.

Positive pointwise mutual information, factorised (Levy and Goldberg, 2014).
"""

from collections import Counter
from collections.abc import Sequence

import torch
from torch import Tensor


def word_vectors(
    sentences: Sequence[Sequence[str]],
    *,
    size: int = 1000,
    window: int = 4,
    width: int = 100,
) -> tuple[list[str], Tensor]:
    """The `size` commonest words and a vector for each: W words, (W, width).

    Args:
        sentences: Lists of words.
        size: How many words get a vector; the others still take up room in windows.
        window: How many words to either side are company.
        width: Components of a vector; the largest of the factorisation are kept.

    Raises:
        ValueError: there are fewer words than `width`, or none ever meets another.

    >>> words, vectors = word_vectors([["a", "cat"], ["a", "dog"]], width=2)
    >>> words, vectors.shape
    (['a', 'cat', 'dog'], torch.Size([3, 2]))
    """
    counted = Counter(word for sentence in sentences for word in sentence)
    words = [word for word, _ in counted.most_common(size)]
    if len(words) < width:
        raise ValueError(f"{width=} for {len(words)} words: give more text, or less")
    meetings = _meetings(sentences, words, window)
    if not meetings.any():
        raise ValueError("no word ever meets another: give sentences of several words")
    together = meetings / meetings.sum()
    alone = together.sum(0)
    surprise = (together / (alone[:, None] * alone)).log()
    values, directions = torch.linalg.eigh(surprise.nan_to_num(0.0).clamp_min(0.0))
    largest = values.abs().argsort(descending=True)[:width]
    return words, directions[:, largest] * values[largest].abs().sqrt()


def _meetings(
    sentences: Sequence[Sequence[str]], words: Sequence[str], window: int
) -> Tensor:
    """How often each word stands near each other word: (W, W), symmetric."""
    number = {word: i for i, word in enumerate(words)}
    apart = [-1] * window  # between sentences, so that their words never meet
    line = [
        i for s in sentences for i in [*(number.get(word, -1) for word in s), *apart]
    ]
    ids, count = torch.tensor(line), len(words)
    meetings = torch.zeros(count * count, dtype=torch.float64)
    for distance in range(1, window + 1):
        left, right = ids[:-distance], ids[distance:]
        known = (left >= 0) & (right >= 0)
        met = left[known] * count + right[known]
        meetings += torch.bincount(met, minlength=count * count)
    meetings = meetings.view(count, count)
    return meetings + meetings.T
