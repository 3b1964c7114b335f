"""Texts to model: novels by Jane Austen, and quatrains of the Tang dynasty.

Both come with the package. What is held out never shares a novel or a line of verse
with what is learned from.
"""

import lzma
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import torch
from torch import Generator, Tensor

from allyouneed.ground.plain_text import lines_of

FILES = MappingProxyType({"en": "austen.tsv.xz", "zh": "quatrains.tsv.xz"})
CORPORA = Path(__file__).parents[1] / "corpora"


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text in three parts, a paragraph or poem a line; `notice` is its origin."""

    train: str
    valid: str
    test: str
    notice: str


def load(language: str) -> Text:
    r"""The text of a language: "en", 1.1 million characters to train on, or "zh", 0.4.

    Args:
        language: en, two novels, and a volume each of two others held out; or zh,
            regular quatrains in simplified characters.

    Raises:
        ValueError: the language is neither, or its file is missing or damaged.

    >>> text = load("zh")
    >>> text.train.split("\n")[0]
    '四时运灰琯，一夕变冬春。送寒余雪尽，迎岁早梅新。'
    >>> len(text.train), len(text.valid), len(text.test)
    (364311, 20224, 22079)
    """
    if language not in FILES:
        raise ValueError(f"{language=} has no text here: take {' or '.join(FILES)}")
    path = CORPORA / FILES[language]
    try:
        content = lzma.decompress(path.read_bytes())
    except (OSError, lzma.LZMAError) as error:
        raise ValueError(
            f"{path} is missing or damaged ({error}): install allyouneed again"
        ) from error
    lines = lines_of(content, name=str(path))
    parts: dict[str, list[str]] = {"train": [], "valid": [], "test": []}
    for part, line in (x.split("\t") for x in lines if x[0] != "#"):
        parts[part].append(line)
    return Text(
        train="\n".join(parts["train"]) + "\n",
        valid="\n".join(parts["valid"]) + "\n",
        test="\n".join(parts["test"]) + "\n",
        notice="\n".join(x[2:] for x in lines if x[0] == "#"),
    )


def numbered(text: Text, *, least: int = 1) -> tuple[dict[str, Tensor], int]:
    """Each part as ids of its characters, (N,), and how many ids there are.

    They count from 1 in the characters' own order; 0 is any character that the part to
    train on has fewer than `least` times.

    >>> parts, vocab = numbered(load("en"))
    >>> parts["train"][:5].tolist(), vocab
    ([33, 69, 2, 58, 68], 76)
    """
    counts = Counter(text.train)
    kept = sorted(c for c, count in counts.items() if count >= least)
    ids = {c: i for i, c in enumerate(kept, start=1)}
    parts = {"train": text.train, "valid": text.valid, "test": text.test}
    return {
        name: torch.tensor([ids.get(c, 0) for c in part])
        for name, part in parts.items()
    }, len(kept) + 1


def windows(
    ids: Tensor, size: int, length: int, *, generator: Generator | None = None
) -> tuple[Tensor, Tensor]:
    """Characters to read and those that follow, from places drawn: both (size, length).

    Raises:
        ValueError: the text is not longer than `length`.

    >>> x, y = windows(torch.arange(100), 2, 3)
    >>> torch.equal(x + 1, y)
    True
    """
    if len(ids) <= length:
        raise ValueError(f"{length=}: the text has {len(ids)} characters, ask for less")
    places = torch.randint(len(ids) - length, (size, 1), generator=generator)
    rows = ids[places + torch.arange(length + 1)]
    return rows[:, :-1], rows[:, 1:]
