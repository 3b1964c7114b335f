"""What the grammar's three languages share: words, phrases without order, trees.

A `Clause` says who does what, when and where. It knows no word order: `english`,
`german` and `chinese` each put the same clause into their own.
"""

from dataclasses import dataclass
from typing import Literal, NamedTuple, Optional, Union

# A label with its children, ("NP", ("DT", "the"), ("NN", "dog")).
Tree = tuple[Union[str, "Tree"], ...]
Case = Literal["nominative", "accusative", "dative"]
FIRST, THIRD, PLURAL = 0, 1, 2  # persons, as indices of a verb's forms


@dataclass(frozen=True, kw_only=True, eq=False)
class Noun:
    """A noun; `kinds` are what verbs and adjectives ask for."""

    en: tuple[str, str]
    gender: str
    de: tuple[str, str]
    oblique: str
    zh: str
    classifier: str
    kinds: frozenset[str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Adjective:
    """An adjective; Chinese may have one form before a noun, another after a verb."""

    en: str
    de: str
    stem: str
    attribute: str
    predicate: str
    more: tuple[str, ...]
    kinds: tuple[str, ...]
    colour: bool
    passing: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Verb:
    """A verb's forms; those of present and past by person."""

    en: str
    en_present: tuple[str, str, str]
    en_past: tuple[str, str, str]
    en_participle: str
    de: str
    de_present: tuple[str, str, str]
    de_past: tuple[str, str, str]
    de_participle: str
    particle: str = ""
    case: Case = "accusative"
    sein: bool = False
    weather: bool = False
    zh: str = ""
    cannot: str = ""
    within: str = ""
    receiver: str = ""
    goal: tuple[str, ...] = ()
    subject: str = ""
    object: str = ""
    place: str = ""
    modes: tuple[str, ...] = ()
    fails: tuple[str, ...] = ("can", "could")
    chore: bool = False
    creates: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Time:
    """An adverbial of time: a tree in English and German, a word in Chinese."""

    en: Tree
    de: Tree
    zh: str
    modes: tuple[str, ...]
    often: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class Place:
    """A preposition of place; German's take the dative, Chinese's follow the noun."""

    en: str
    de: str
    zh: str
    kind: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Pronoun:
    """A personal pronoun; nominative, accusative, dative."""

    en: tuple[str, str]
    de: tuple[str, str, str]
    zh: str
    person: int


class NounPhrase(NamedTuple):
    """A noun with its company; `relative` is a clause that lacks this noun."""

    noun: Noun
    determiner: str = "the"
    adjectives: tuple[Adjective, ...] = ()
    relative: Optional["Clause"] = None

    @property
    def person(self) -> int:
        """The person its verb agrees with."""
        return PLURAL if self.determiner in ("two", "three", "these") else THIRD

    @property
    def indefinite(self) -> bool:
        """Whether it brings something new."""
        return self.determiner in ("a", "two", "three")


Phrase = NounPhrase | Pronoun


class Clause(NamedTuple):
    """Who does what to whom, when and where, without order.

    Args:
        subject, verb, object, receiver, place, time: the parts; a verb of motion has
            its goal as object.
        mode: tense or modal, a key of each language's tables.
        negation: "", "not" or "never".
        front: whether the time opens the sentence.
        predicate: the adjective after "be"; `degree` is "", "very", "too" or "than".
        content: what is known or thought.
        gap: the part that a relative pronoun stands for, "", "subject" or "object".
    """

    subject: Phrase
    verb: Verb
    mode: str
    negation: str = ""
    object: Phrase | None = None
    receiver: Phrase | None = None
    place: tuple[Place, NounPhrase] | None = None
    time: Time | None = None
    front: bool = False
    predicate: Adjective | None = None
    degree: str = ""
    content: Optional["Clause"] = None
    gap: str = ""


class Sentence(NamedTuple):
    """A clause, and perhaps a second one, joined by `link` and maybe put first."""

    main: Clause
    link: str = ""
    second: Clause | None = None
    first: bool = False


def fixed(spelling: str) -> Tree:
    """Read a flat tree.

    >>> fixed("NP last/JJ week/NN")
    ('NP', ('JJ', 'last'), ('NN', 'week'))
    """
    label, *words = spelling.split()
    return (label, *((tag, word) for word, tag in (w.split("/") for w in words)))


def leaves(tree: Tree) -> list[str]:
    """List the words of a tree, from left to right.

    >>> leaves(("S", ("NP", ("PRP", "we")), ("VP", ("VBP", "sing"))))
    ['we', 'sing']
    """
    words: list[str] = []
    waiting: list[str | Tree] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            words.append(node)
        else:
            waiting.extend(node[:0:-1])  # all but the label, the first on top
    return words


def text(tree: Tree) -> str:
    """Write a tree as a sentence, points and commas close to the word before.

    >>> text(("S", ("NP", "We"), ("VP", "sing"), (".", ".")))
    'We sing.'
    """
    return " ".join(leaves(tree)).replace(" ,", ",").replace(" .", ".")


def capitalised(tree: Tree) -> Tree:
    """Give the same tree with its first letter large."""
    first = tree[1]
    if isinstance(first, str):
        return (tree[0], first[0].upper() + first[1:], *tree[2:])
    return (tree[0], capitalised(first), *tree[2:])
