"""Draw phrases and simple clauses at random: who may do what, and what fits what.

Only `Random.random` is called: its numbers are the same in every version of Python.
"""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import TypeVar

from allyouneed.data.grammar.lexicon import adjectives_of, lexicon, nouns_of
from allyouneed.data.grammar.phrases import (
    Adjective,
    Clause,
    Noun,
    NounPhrase,
    Phrase,
    Place,
    Pronoun,
    Time,
    Verb,
)

T = TypeVar("T")
MODES = (
    *("past",) * 5, *("perfect",) * 3, *("present",) * 3, *("future",) * 3,
    "must", "can", "may", "should", "want", "could", "tried", "forgot",
)  # fmt: skip
DETERMINERS = ("the",) * 10 + ("a",) * 4 + ("this",) * 2 + ("my",) * 2
NUMBERS = ("two", "three", "these")
PRONOUNS = ("I", "he", "she", "we", "they")
DESCRIBED = "person animal ware vehicle furniture building deep wide high"


class Clauses:
    """Draws one clause after another; `used` are the nouns not to be drawn again."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.used: list[Noun] = []

    def pick(self, options: Sequence[T]) -> T:
        """Draw one of the options."""
        return options[int(self._rng.random() * len(options))]

    def chance(self, share: float) -> bool:
        """Say yes in that share of the cases."""
        return self._rng.random() < share

    def noun(self, kinds: str) -> Noun:
        """Draw a noun of one of the kinds, a new one if there is any."""
        nouns = nouns_of(kinds)
        noun = self.pick([n for n in nouns if n not in self.used] or nouns)
        self.used.append(noun)
        return noun

    def nominal(
        self, kinds: str, *, known: bool = False, many: bool = True, bare: bool = False
    ) -> NounPhrase:
        """Draw a noun with its company.

        Args:
            kinds: see `noun`.
            known: it does not bring something new, as "a" and "two" would.
            many: it may be more than one.
            bare: it takes no adjective.
        """
        noun = self.noun(kinds)
        determiner = self.pick(DETERMINERS)
        if known and determiner == "a":
            determiner = "the"
        if determiner == "my" and "owned" not in noun.kinds:
            determiner = "the"
        if many and noun.de[1] and self.chance(0.12):
            determiner = "these" if known else self.pick(NUMBERS)
        return NounPhrase(noun, determiner, () if bare else self.adjectives(noun))

    def adjectives(self, noun: Noun) -> tuple[Adjective, ...]:
        """Draw none, one or two; the second is a colour."""
        options = attributes_of(noun)
        if not options or self.chance(0.55):
            return ()
        first = self.pick(options)
        colours = [a for a in options if a.colour and not first.colour]
        if not colours or self.chance(0.8):
            return (first,)
        return (first, self.pick(colours))

    def person(self, *others: Phrase) -> Pronoun:
        """Draw a pronoun that cannot mean one of the others."""
        pronouns = [lexicon().pronouns[name] for name in PRONOUNS]
        we = [pronouns[0], pronouns[3]]
        taken = [*others, *(we if any(other in we for other in others) else ())]
        return self.pick([pronoun for pronoun in pronouns if pronoun not in taken])

    def subject(self, kinds: str, *, known: bool) -> Phrase:
        """Draw who does something."""
        if "person" in kinds and self.chance(0.2):
            return self.person()
        return self.nominal(kinds, known=known)

    def action(
        self, frame: str, modes: tuple[str, ...], *, plain: bool = False
    ) -> Clause:
        """Draw a clause around a verb of the frame; a plain one has no adverbials."""
        verb = self.pick(verbs_in(frame, modes))
        mode = self.pick([mode for mode in modes if may(verb, mode)])
        negation = "" if plain else self.negation(verb, mode)
        new = mode in ("past", "perfect") and not negation and not plain
        kinds = "person" if mode == "forgot" else verb.subject
        clause = Clause(self.subject(kinds, known=not new), verb, mode, negation)
        if verb.receiver:
            clause = self.gift(clause)
        elif verb.object:
            clause = clause._replace(object=self.thing(clause))
        return clause if plain else self.surrounded(clause)

    def negation(self, verb: Verb, mode: str) -> str:
        """Draw "", "not" or "never"."""
        if mode == "could":
            return "not"
        if mode == "perfect" and not verb.object:
            return "never"
        if mode in ("may", "tried", "forgot") or self.chance(0.8):
            return ""
        return "never" if mode == "perfect" and self.chance(0.5) else "not"

    def thing(self, clause: Clause) -> Phrase:
        """Draw the object of a clause; what is not done is not done to two."""
        verb, negated = clause.verb, bool(clause.negation)
        if "person" in verb.object and self.chance(0.2):
            return self.person(clause.subject)
        known = negated and bool(verb.goal)
        return self.nominal(
            verb.object, known=known, many=not negated, bare=verb.creates
        )

    def gift(self, clause: Clause) -> Clause:
        """Add who gets what: something new, or something pointed at."""
        receiver: Phrase
        if self.chance(0.3):
            receiver = self.person(clause.subject)
        else:
            receiver = self.nominal("person", known=True)
        given = self.nominal(clause.verb.object, many=not clause.negation)
        if clause.negation or given.determiner == "the":
            given = given._replace(determiner="a")
        return clause._replace(receiver=receiver, object=given)

    def surrounded(self, clause: Clause) -> Clause:
        """Add where and when, sometimes; a state has no date."""
        place, time = None, None
        kinds = clause.verb.place.split()
        if kinds and not (clause.negation and clause.object) and self.chance(0.4):
            place = self.place(kinds)
        if clause.verb.modes != ("present",) and self.chance(0.5):
            time = self.time(clause)
        front = time is not None and self.chance(0.4)
        return clause._replace(place=place, time=time, front=front)

    def place(self, kinds: Sequence[str]) -> tuple[Place, NounPhrase]:
        """Draw a place of one of the kinds."""
        place = self.pick([p for p in lexicon().places if p.kind in kinds])
        return place, self.nominal(place.kind, known=True)

    def time(self, clause: Clause) -> Time | None:
        """Draw a time that suits the clause's tense."""
        times = [t for t in lexicon().times if clause.mode in t.modes]
        times = [t for t in times if not (t.often and clause.negation)]
        return self.pick(times) if times else None

    def description(self, modes: Sequence[str], *, plain: bool = False) -> Clause:
        """Draw what somebody or something is like; a plain one is a passing state."""
        noun = self.noun("person animal" if plain else DESCRIBED)
        options = states_of(noun) if plain else predicates_of(noun)
        adjective = self.pick(options)
        determiner = "my" if "owned" in noun.kinds and self.chance(0.3) else "the"
        clause = being(NounPhrase(noun, determiner), adjective, self.pick(modes))
        if plain:
            return clause._replace(degree="very" if self.chance(0.3) else "")
        if self.chance(0.25):
            clause = clause._replace(negation="not")
        else:
            clause = clause._replace(degree=self.pick(("", "very", "too")))
        time = self.time(clause) if adjective.passing and self.chance(0.5) else None
        return clause._replace(time=time, front=time is not None and self.chance(0.4))

    def comparison(self) -> Clause:
        """Draw which of two is bigger, older, faster."""
        adjective, kind = self.pick(comparable())
        subject, other = (self.nominal(kind, known=True, bare=True) for _ in range(2))
        clause = being(subject, adjective, self.pick(("present", "past")))
        return clause._replace(object=other, degree="than")


def being(subject: Phrase, adjective: Adjective, mode: str) -> Clause:
    """Say what the subject is like."""
    be = lexicon().verbs["copula"][0]
    return Clause(subject, be, mode, predicate=adjective)


def may(verb: Verb, mode: str) -> bool:
    """Whether the verb makes sense in the mode."""
    return mode in verb.modes if verb.modes else mode != "forgot" or verb.chore


@cache
def verbs_in(frame: str, modes: tuple[str, ...]) -> tuple[Verb, ...]:
    """Verbs of the frame that may stand in one of the modes."""
    verbs = lexicon().verbs[frame]
    return tuple(verb for verb in verbs if any(may(verb, mode) for mode in modes))


@cache
def attributes_of(noun: Noun) -> tuple[Adjective, ...]:
    """Adjectives that may stand before the noun."""
    return tuple(a for a in adjectives_of(noun) if a.attribute)


@cache
def predicates_of(noun: Noun) -> tuple[Adjective, ...]:
    """Adjectives that may be said of the noun."""
    return tuple(a for a in adjectives_of(noun) if a.predicate)


@cache
def states_of(noun: Noun) -> tuple[Adjective, ...]:
    """Adjectives for what passes, and may be a reason."""
    return tuple(a for a in adjectives_of(noun) if a.passing)


@cache
def comparable() -> tuple[tuple[Adjective, str], ...]:
    """Adjectives, each with a kind whose nouns it compares."""
    return tuple(
        (adjective, kind)
        for adjective in lexicon().adjectives.values()
        for kind in adjective.kinds
        if adjective.more and kind != "sized" and len(nouns_of(kind)) > 1
    )
