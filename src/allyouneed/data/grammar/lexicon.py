"""The grammar's words, read from `corpora/lexicon.toml`, whose head explains them."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from allyouneed.data.grammar.phrases import (
    Adjective,
    Noun,
    Place,
    Pronoun,
    Time,
    Verb,
    fixed,
)

FORMS, LISTS = ("en", "de", "irregular"), ("goal", "modes", "fails")


@dataclass(frozen=True, kw_only=True)
class Puzzle:
    """A verb with two nouns, and what "it was too ..." can say of only one of them."""

    verb: Verb
    subjects: tuple[Noun, ...]
    traits: tuple[Adjective, ...]
    objects: tuple[tuple[Noun, tuple[Adjective, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """All words in the file's order; verbs by what stands beside them."""

    nouns: dict[str, Noun]
    pronouns: dict[str, Pronoun]
    adjectives: dict[str, Adjective]
    verbs: dict[str, tuple[Verb, ...]]
    times: tuple[Time, ...]
    places: tuple[Place, ...]
    puzzles: tuple[Puzzle, ...]


@cache
def lexicon() -> Lexicon:
    """Read all words; the file is opened once."""
    source = files("allyouneed") / "corpora" / "lexicon.toml"
    entries = tomllib.loads(source.read_text(encoding="utf-8"))
    nouns = {en: _noun(en, entry) for en, entry in entries["nouns"].items()}
    adjectives = {
        name: _adjective(name, entry) for name, entry in entries["adjectives"].items()
    }
    verbs = {
        frame: {name: _verb(entry) for name, entry in group.items()}
        for frame, group in entries["verbs"].items()
    }
    by_name = {name: verb for group in verbs.values() for name, verb in group.items()}
    return Lexicon(
        nouns=nouns,
        pronouns={en: _pronoun(en, entry) for en, entry in entries["pronouns"].items()},
        adjectives=adjectives,
        verbs={frame: tuple(group.values()) for frame, group in verbs.items()},
        times=tuple(map(_time, entries["times"].values())),
        places=tuple(Place(en=en, **entry) for en, entry in entries["places"].items()),
        puzzles=tuple(
            _puzzle(by_name[name], entry, nouns, adjectives)
            for name, entry in entries["puzzles"].items()
        ),
    )


@cache
def nouns_of(kinds: str) -> tuple[Noun, ...]:
    """Nouns of any of the kinds.

    >>> [noun.en[0] for noun in nouns_of("draught deep")]
    ['horse', 'cow', 'donkey', 'river']
    """
    wanted = frozenset(kinds.split())
    return tuple(noun for noun in lexicon().nouns.values() if noun.kinds & wanted)


@cache
def adjectives_of(noun: Noun) -> tuple[Adjective, ...]:
    """Adjectives that make sense of the noun."""
    return tuple(
        a for a in lexicon().adjectives.values() if noun.kinds.intersection(a.kinds)
    )


def _noun(en: str, entry: dict[str, str]) -> Noun:
    gender, singular, *plural = entry["de"].split()
    zh, classifier = entry["zh"].split()
    return Noun(
        en=(en, entry.get("plural", en + ("es" if en.endswith("x") else "s"))),
        gender=gender,
        de=(singular, plural[0] if plural else ""),
        oblique=entry.get("oblique", singular),
        zh=zh,
        classifier=classifier,
        kinds=frozenset(entry["kinds"].split()),
    )


def _adjective(name: str, entry: dict[str, Any]) -> Adjective:
    de = entry["de"].split()
    attribute, predicate = entry["zh"].split()
    return Adjective(
        en=entry.get("en", name),
        de=de[0],
        stem=de[-1],
        attribute=attribute.strip("-"),
        predicate=predicate.strip("-"),
        more=tuple(entry.get("more", "").split()),
        kinds=tuple(entry["kinds"].split()),
        colour=entry.get("colour", False),
        passing=entry.get("passing", False),
    )


def _verb(entry: dict[str, Any]) -> Verb:
    en, third, past, en_participle = entry["en"].split()
    particle, _, forms = entry["de"].rpartition("|")
    de, er, er_past, de_participle = forms.split()
    ich = de.removesuffix("n").removesuffix("e") + "e"
    sie_past = er_past + ("n" if er_past.endswith("e") else "en")
    odd = {key: forms.split() for key, forms in entry.get("irregular", {}).items()}
    am, are, were = odd.get("en", (en, en, past))
    ich, sie, sie_past = odd.get("de", (ich, de, sie_past))
    others: dict[str, Any] = {
        key: tuple(value.split()) if key in LISTS else value
        for key, value in entry.items()
        if key not in FORMS
    }
    return Verb(
        en=en,
        en_present=(am, third, are),
        en_past=(past, past, were),
        en_participle=en_participle,
        de=de,
        de_present=(ich, er, sie),
        de_past=(er_past, er_past, sie_past),
        de_participle=particle + de_participle,
        particle=particle,
        **others,
    )


def _pronoun(name: str, entry: dict[str, str]) -> Pronoun:
    nominative, accusative, dative = entry["de"].split()
    return Pronoun(
        en=(name.partition("-")[0], entry["en"]),
        de=(nominative, accusative, dative),
        zh=entry["zh"],
        person={"I": 0, "we": 2, "they": 2}.get(name, 1),
    )


def _time(entry: dict[str, Any]) -> Time:
    return Time(
        en=fixed(entry["en"]),
        de=fixed(entry["de"]),
        zh=entry["zh"],
        modes=tuple(entry["modes"].split()),
        often=entry.get("often", False),
    )


def _puzzle(
    verb: Verb,
    entry: dict[str, Any],
    nouns: dict[str, Noun],
    adjectives: dict[str, Adjective],
) -> Puzzle:
    return Puzzle(
        verb=verb,
        subjects=tuple(nouns[name] for name in entry["subjects"].split()),
        traits=tuple(adjectives[name] for name in entry["subject_adjectives"].split()),
        objects=tuple(
            (nouns[name], tuple(adjectives[a] for a in words.split()))
            for name, words in entry["objects"].items()
        ),
    )
