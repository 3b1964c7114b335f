"""Sentences that differ in one adjective, which decides what "it" means."""

from itertools import product
from typing import NamedTuple

from allyouneed.data.grammar import english, german
from allyouneed.data.grammar.clauses import being, may
from allyouneed.data.grammar.lexicon import Puzzle, lexicon
from allyouneed.data.grammar.meanings import FAILURES
from allyouneed.data.grammar.phrases import (
    Adjective,
    Clause,
    Noun,
    NounPhrase,
    Sentence,
    capitalised,
    text,
)


class PronounPair(NamedTuple):
    """Two sentences; in the first "it" means the subject, in the second the object.

    Args:
        en, de: the sentences in English and in German.
        nouns: subject and object of both, in English.
        pronouns: how German says the "it" of each: er, sie or es.
    """

    en: tuple[str, str]
    de: tuple[str, str]
    nouns: tuple[str, str]
    pronouns: tuple[str, str]


def pronoun_pairs() -> list[PronounPair]:
    """Every pair in which German must choose between two pronouns.

    Both nouns stand with "the" and without an adjective of their own.

    >>> pronoun_pairs()[0].en[1]
    'The dog did not cross the street because it was too wide.'
    """
    return [
        _pair(puzzle, mode, subject, thing, traits)
        for puzzle in lexicon().puzzles
        for mode in _modes(puzzle)
        for subject, (thing, said) in product(puzzle.subjects, puzzle.objects)
        for traits in product(puzzle.traits, said)
        if subject is not thing and subject.gender != thing.gender
    ]


def _modes(puzzle: Puzzle) -> list[str]:
    modes = (*FAILURES, *(mode for mode in puzzle.verb.fails if mode not in FAILURES))
    return [mode for mode in modes if may(puzzle.verb, mode)]


def _pair(
    puzzle: Puzzle,
    mode: str,
    subject: Noun,
    thing: Noun,
    traits: tuple[Adjective, Adjective],
) -> PronounPair:
    phrases = NounPhrase(subject, "the"), NounPhrase(thing, "the")
    main = Clause(phrases[0], puzzle.verb, mode, negation="not", object=phrases[1])
    tense = "past" if mode in ("past", "could") else "present"
    its = [lexicon().pronouns[f"it-{noun.gender}"] for noun in (subject, thing)]
    first, second = (
        Sentence(main, "because", being(it, trait, tense)._replace(degree="too"))
        for it, trait in zip(its, traits, strict=True)
    )
    return PronounPair(
        en=(_words(english, first), _words(english, second)),
        de=(_words(german, first), _words(german, second)),
        nouns=(subject.en[0], thing.en[0]),
        pronouns=(its[0].de[0], its[1].de[0]),
    )


def _words(language: object, meaning: Sentence) -> str:
    return text(capitalised(language.sentence(meaning)))  # type: ignore[attr-defined]
