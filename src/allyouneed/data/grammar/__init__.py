"""Our own little language: the same sentences in English, German and Chinese.

A meaning is drawn at random (`meanings`) and put into words by three grammars that
share nothing but the meaning (`english`, `german`, `chinese`), so every English
sentence has exactly one German and one Chinese translation, and a tree in each.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from random import Random
from typing import Literal, get_args

from allyouneed.data.grammar import chinese, english, german
from allyouneed.data.grammar.meanings import Meaning, Pair, Referent, Speaker
from allyouneed.data.grammar.phrases import Pronoun, Tree, capitalised, leaves, text

Split = Literal["train", "valid", "test", "hard"]

__all__ = ["Example", "Split", "Tree", "examples", "leaves"]


@dataclass(frozen=True)
class Example:
    """One sentence in three languages.

    Args:
        tree: English constituents, labelled as in the Penn Treebank; a tuple of the
            label and what it holds. The leaves are the sentence's words.
        tree_de, tree_zh: those of German and of Chinese, segmented into words.
        construction: what kind of sentence it is, a key of `meanings.SHARES`.
        pairs: its (noun, adjective) and (subject's noun, verb); see `examples`.
        antecedent: which noun "it" means, in the construction "reference" alone.
        pronoun_de: how German says that "it": er, sie or es.
    """

    en: str
    de: str
    zh: str
    tree: Tree
    tree_de: Tree
    tree_zh: Tree
    construction: str
    pairs: tuple[Pair, ...]
    antecedent: Referent | None = None
    pronoun_de: str | None = None


def examples(split: Split, *, count: int, seed: int = 0) -> list[Example]:
    """Draw `count` different sentences of a split, the same on any machine.

    Which of train, valid and test a sentence belongs to is its own property, so they
    are disjoint whatever the seed. Every sentence of "hard" has a pair of words that
    no sentence of the others has: an adjective with its noun, a verb with its subject.

    Raises:
        ValueError: there is no such split, or count is negative.

    >>> [example] = examples("train", count=1)
    >>> example.en
    'The bear will not climb onto the wall because it is too weak.'
    >>> example.de
    'Der Bär wird nicht auf die Mauer klettern, weil er zu schwach ist.'
    >>> example.zh, example.antecedent
    ('熊不会爬上墙，因为它太虚弱了。', 'subject')
    """
    if split not in get_args(Split):
        raise ValueError(f"{split=}: give one of {', '.join(get_args(Split))}")
    if count < 0:
        raise ValueError(f"{count=}: give 0 or more")
    speaker, found = Speaker(Random(seed)), dict[str, Example]()
    while len(found) < count:
        meaning = speaker.meaning()
        if any(_reserved(pair) for pair in meaning.pairs) != (split == "hard"):
            continue
        tree = capitalised(english.sentence(meaning.sentence))
        en = text(tree)
        if en not in found and split in ("hard", _split(en)):
            found[en] = _example(en, tree, meaning)
    return list(found.values())


@cache
def _reserved(pair: Pair) -> bool:
    """Whether the pair is kept for the hard split: one in ten is."""
    return _hash(" ".join(pair)) % 10 == 0


def _split(en: str) -> str:
    place = _hash(en) % 10
    return "train" if place < 8 else "valid" if place == 8 else "test"


def _hash(words: str) -> int:
    return int.from_bytes(sha256(words.encode()).digest()[:8])


def _example(en: str, tree: Tree, meaning: Meaning) -> Example:
    tree_de = capitalised(german.sentence(meaning.sentence))
    tree_zh = chinese.sentence(meaning.sentence)
    second = meaning.sentence.second
    it = None
    if second and meaning.antecedent and isinstance(second.subject, Pronoun):
        it = second.subject.de[0]
    return Example(
        en=en,
        de=text(tree_de),
        zh="".join(leaves(tree_zh)),
        tree=tree,
        tree_de=tree_de,
        tree_zh=tree_zh,
        construction=meaning.construction,
        pairs=meaning.pairs,
        antecedent=meaning.antecedent,
        pronoun_de=it,
    )
