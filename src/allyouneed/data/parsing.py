"""Parsing as translation: trees written as sentences of brackets (section 6.3).

A tree is flattened as Vinyals et al. (2015) did it, each bracket with its label, and
read back from whatever a translator writes. Scores count labelled brackets, as evalb
does. Trees are bare here: their words hang on the constituents, without tags.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from allyouneed.data import grammar
from allyouneed.data.grammar import Split, Tree, leaves

WORD = "XX"
PUNCTUATION = frozenset({",", "."})
Bracket = tuple[str, int, int]


class Parse(NamedTuple):
    """A sentence, blanks between all words and points, and its bare tree."""

    sentence: str
    tree: Tree


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Counts over a corpus: brackets that agree, found and gold; then sentences.

    `exact` sentences have the gold tree, `well_formed` ones needed no mending.
    """

    matched: int
    found: int
    gold: int
    exact: int
    well_formed: int
    sentences: int

    @property
    def precision(self) -> float:
        """The share of the brackets found that are right, from 0 to 1."""
        return self.matched / max(1, self.found)

    @property
    def recall(self) -> float:
        """The share of the gold brackets that are found, from 0 to 1."""
        return self.matched / max(1, self.gold)

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, from 0 to 1."""
        return 2 * self.matched / max(1, self.found + self.gold)


def treebank(split: Split, *, count: int, seed: int = 0) -> list[Parse]:
    """Sentences of the English grammar with their trees, the same on any machine.

    Raises:
        ValueError: as `grammar.examples` does.

    >>> treebank("train", count=2)[1].sentence
    'The young farmer will work .'
    """
    drawn = grammar.examples(split, count=count, seed=seed)
    return [Parse(" ".join(leaves(e.tree)), bare(e.tree)) for e in drawn]


def bare(tree: Tree) -> Tree:
    """The tree without its part-of-speech tags, the brackets around single words.

    >>> bare(("S", ("NP", ("PRP", "We")), ("VP", ("VBP", "sing")), (".", ".")))
    ('S', ('NP', 'We'), ('VP', 'sing'), '.')
    """
    return (tree[0], *(_untagged(child) for child in tree[1:]))


def depth(tree: Tree) -> int:
    """How many brackets are open at the word where most are.

    >>> depth(("S", ("NP", "We"), ("VP", "must", ("VP", "sing")), "."))
    3
    """
    inner = (depth(child) for child in tree[1:] if not isinstance(child, str))
    return 1 + max(inner, default=0)


def linearised(tree: Tree, *, words: bool = False) -> str:
    """Write the tree in a line, each word as XX unless the words are to stay.

    >>> linearised(("S", ("NP", "We"), ("VP", "sing"), "."))
    '(S (NP XX )NP (VP XX )VP XX )S'
    """
    line = " ".join(_symbols(tree))
    return line if words else anonymous(line)


def anonymous(line: str) -> str:
    """The line with XX for each word.

    >>> anonymous("(S (NP We )NP sing )S")
    '(S (NP XX )NP XX )S'
    """
    return " ".join(s if s[0] in "()" else WORD for s in line.split())


def packed(line: str) -> str:
    """The line as translators learn it, one sub-word a bracket.

    SentencePiece would cut each bracket off its label, and lines grow by half.

    >>> packed("(S (NP XX )NP XX )S")
    'oS oNP XX cNP XX cS'
    """
    return re.sub(r"\)(?=\w)", "c", re.sub(r"\((?=\w)", "o", line))


def unpacked(line: str) -> str:
    """The line of brackets that `packed` made this of.

    >>> unpacked(packed("(S (NP We )NP sing )S"))
    '(S (NP We )NP sing )S'
    """
    return re.sub(r"\bc(?=[A-Z]+\b)", ")", re.sub(r"\bo(?=[A-Z]+\b)", "(", line))


def restored(text: str, words: Sequence[str]) -> Tree:
    """Read a line of brackets as the tree of `words`; what is wrong is mended.

    Whatever is no bracket stands for the next word, XX or not. The first bracket is the
    root and stays open to the end; without one it is S. A closing bracket closes the
    innermost open one of its label and all inside; with none open it is left out, and
    so are a word too many and brackets around nothing. Brackets still open at the end
    are closed; then words left over join the root.

    >>> restored("(S (NP XX (VP XX )VP XX )S", ["We", "sing", "."])
    ('S', ('NP', 'We', ('VP', 'sing'), '.'))
    """
    symbols, waiting = text.split(), list(words)
    root = symbols.pop(0)[1:] if symbols and _opens(symbols[0]) else "S"
    stack: list[list[str | Tree]] = [[root]]
    for symbol in symbols:
        if _opens(symbol):
            stack.append([symbol[1:]])
        elif symbol[0] == ")":
            _close(stack, symbol[1:])
        elif waiting:
            stack[-1].append(waiting.pop(0))
    while len(stack) > 1:
        _close(stack, str(stack[-1][0]))
    return (*stack[0], *waiting)


def brackets(tree: Tree) -> "Counter[Bracket]":
    """Each constituent's label, first word and end, and how often it is there.

    Points and commas are no words here: they neither count nor are counted, and a
    constituent of nothing else is none.

    >>> sorted(brackets(("S", ("NP", "We"), ("VP", "sing"), ".")))
    [('NP', 0, 1), ('S', 0, 2), ('VP', 1, 2)]
    """
    found: Counter[Bracket] = Counter()
    _count(tree, 0, found)
    return found


def agreement(lines: Sequence[str], gold: Sequence[Tree]) -> Agreement:
    """Compare what was written for some sentences with their trees, all together.

    Raises:
        ValueError: there is no line, or not one tree for each.

    >>> tree = ("S", ("NP", "We"), ("VP", "sing"), ".")
    >>> agreement(["(S (NP XX )NP XX XX )S"], [tree]).f1
    0.8
    """
    if not gold or len(lines) != len(gold):
        raise ValueError(
            f"{len(lines)} lines for {len(gold)} trees: give one line for each tree, "
            "and at least one"
        )
    trees = list(map(restored, lines, map(leaves, gold)))
    pairs = [*zip(map(brackets, trees), map(brackets, gold), strict=True)]
    return Agreement(
        matched=sum((a & b).total() for a, b in pairs),
        found=sum(a.total() for a, _ in pairs),
        gold=sum(b.total() for _, b in pairs),
        exact=sum(map(tuple.__eq__, trees, gold)),
        well_formed=sum(map(str.__eq__, map(anonymous, lines), map(linearised, trees))),
        sentences=len(gold),
    )


def _untagged(child: "str | Tree") -> "str | Tree":
    if isinstance(child, str):
        return child
    return child[1] if isinstance(child[1], str) else bare(child)


def _symbols(tree: Tree) -> Iterator[str]:
    yield f"({tree[0]}"
    for child in tree[1:]:
        if isinstance(child, str):
            yield child
        else:
            yield from _symbols(child)
    yield f"){tree[0]}"


def _opens(symbol: str) -> bool:
    return symbol[0] == "(" and len(symbol) > 1


def _close(stack: "list[list[str | Tree]]", label: str) -> None:
    """Close the innermost open bracket of that label, if one is open in the root."""
    if all(node[0] != label for node in stack[1:]):
        return
    closed = None
    while closed != label:
        node = stack.pop()
        closed = str(node[0])
        if len(node) > 1:
            stack[-1].append(tuple(node))


def _count(tree: Tree, start: int, found: "Counter[Bracket]") -> int:
    """Add the brackets of a tree that begins at word `start`; return its end."""
    end = start
    for child in tree[1:]:
        if isinstance(child, str):
            end += child not in PUNCTUATION
        else:
            end = _count(child, end, found)
    if end > start:
        found[str(tree[0]), start, end] += 1
    return end
