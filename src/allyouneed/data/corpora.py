"""Parallel corpora: what the book's translators learn from and are tested on.

`grammar` is made up, `help` comes with the package, `multi30k` is fetched.
"""

import lzma
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import MappingProxyType

from allyouneed.data import grammar, multi30k
from allyouneed.data.multi30k import MissingCorpusError
from allyouneed.ground.plain_text import lines_of

Pair = tuple[str, str]
Parts = tuple[dict[str, list[Pair]], str]  # of a corpus: its splits and its notice

LANGUAGES = MappingProxyType(
    {
        "grammar": ("en", "de", "zh"),
        "help": ("en", "de", "zh"),
        "help-short": ("en", "de", "zh"),
        "multi30k": multi30k.LANGUAGES,
    }
)
GRAMMAR_SIZES = (20_000, 500, 1_000)  # of train, valid, test
HELP = Path(__file__).parents[1] / "corpora/help.tsv.xz"


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Pairs of sentences in two languages; `notice` is its origin and licence."""

    name: str
    source: str
    target: str
    train: list[Pair]
    valid: list[Pair]
    test: list[Pair]
    notice: str


def load(
    name: str,
    *,
    source: str = "en",
    target: str = "de",
    size: int | None = None,
    seed: int = 0,
) -> Corpus:
    """Read or make a corpus; `valid` and `test` are the same for every size and seed.

    Args:
        name: grammar, help, help-short (its plain short sentences), or multi30k.
        source: language to translate from: en, de, zh; for multi30k en, de, fr.
        target: language to translate into.
        size: training pairs at most; unless given all, and 20,000 of the grammar.
        seed: which pairs these are.

    Raises:
        MissingCorpusError: multi30k is not here, and not to be fetched.
        ValueError: an argument is none of these, or a file is missing or damaged.

    >>> corpus = load("help-short", target="zh")
    >>> len(corpus.train), len(corpus.valid), len(corpus.test)
    (5853, 328, 332)
    """
    _check(name, source, target, size)
    if name == "grammar":
        splits, notice = _grammar(source, target, size, seed)
    elif name == "multi30k":
        parts = {s: multi30k.pairs(s, source, target) for s in multi30k.STEMS}
        splits, notice = parts, multi30k.NOTICE
    else:
        splits, notice = _help(source, target, short=name == "help-short")
    if size is not None:
        Random(seed).shuffle(splits["train"])
    return Corpus(
        name=name,
        source=source,
        target=target,
        train=splits["train"][:size],
        valid=splits["valid"],
        test=splits["test"],
        notice=notice,
    )


def load_or_help(
    name: str,
    *,
    source: str = "en",
    target: str = "de",
    size: int | None = None,
    seed: int = 0,
) -> Corpus:
    """`load`, or with a warning the corpus `help` where `name` is not to be had.

    Raises:
        MissingCorpusError: and `help` does not have these languages.
        ValueError: as `load` does.
    """
    try:
        return load(name, source=source, target=target, size=size, seed=seed)
    except MissingCorpusError as error:
        if not {source, target} <= {*LANGUAGES["help"]}:
            raise
        warnings.warn(f"{error}. Taking the corpus help instead.", stacklevel=2)
        return load("help", source=source, target=target, size=size, seed=seed)


def _check(name: str, source: str, target: str, size: int | None) -> None:
    if name not in LANGUAGES:
        raise ValueError(f"corpus {name=} is not known: take {_any(LANGUAGES)}")
    for side, language in (("source", source), ("target", target)):
        if language not in LANGUAGES[name]:
            choice = _any(LANGUAGES[name])
            raise ValueError(f"{side}={language!r} is not in {name}: take {choice}")
    if source == target:
        raise ValueError(f"{source=} and {target=} are the same: take two languages")
    if size is not None and size < 1:
        raise ValueError(f"{size=} leaves nothing to learn from: give 1 or more")


def _any(choices: Iterable[str]) -> str:
    *others, last = choices
    return f"{', '.join(others)} or {last}"


def _grammar(source: str, target: str, size: int | None, seed: int) -> Parts:
    made = {
        "train": grammar.examples("train", count=size or GRAMMAR_SIZES[0], seed=seed),
        "valid": grammar.examples("valid", count=GRAMMAR_SIZES[1]),
        "test": grammar.examples("test", count=GRAMMAR_SIZES[2]),
    }
    splits = {
        split: [(getattr(e, source), getattr(e, target)) for e in examples]
        for split, examples in made.items()
    }
    # Chinese may say the same where English has two tenses: such a pair is held out.
    held_out = {a for split in ("valid", "test") for a, _ in splits[split]}
    splits["train"] = [pair for pair in splits["train"] if pair[0] not in held_out]
    return splits, "Made by the grammar of allyouneed."


def _help(source: str, target: str, *, short: bool) -> Parts:
    try:
        content = lzma.decompress(HELP.read_bytes())
    except (OSError, lzma.LZMAError) as error:
        raise ValueError(
            f"{HELP} is missing or damaged ({error}): install allyouneed again"
        ) from error
    lines = lines_of(content, name=str(HELP))
    a, b = (2 + LANGUAGES["help"].index(language) for language in (source, target))
    splits: dict[str, list[Pair]] = {"train": [], "valid": [], "test": []}
    for row in (line.split("\t") for line in lines if line[0] != "#"):
        if row[1] == "short" or not short:
            splits[row[0]].append((row[a], row[b]))
    return splits, "\n".join(line[2:] for line in lines if line[0] == "#")
