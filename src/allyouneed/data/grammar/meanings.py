"""Draw at random what a whole sentence says."""

from collections.abc import Iterator
from functools import cache
from typing import Literal, NamedTuple

from allyouneed.data.grammar.clauses import MODES, Clauses, being, may, states_of
from allyouneed.data.grammar.lexicon import adjectives_of, lexicon, nouns_of
from allyouneed.data.grammar.phrases import (
    THIRD,
    Clause,
    Noun,
    NounPhrase,
    Phrase,
    Pronoun,
    Sentence,
    Verb,
)

Pair = tuple[str, str]
Referent = Literal["subject", "object"]

SHARES = {
    "transitive": 20,
    "intransitive": 7,
    "motion": 8,
    "giving": 9,
    "copula": 6,
    "comparison": 4,
    "relative": 14,
    "content": 7,
    "subordinate": 13,
    "reference": 12,
}
CONSTRUCTIONS = tuple(name for name, share in SHARES.items() for _ in range(share))
FAILURES = ("past", "could", "can", "future")
GAPS = ("subject", "object")
PLAIN = ("transitive", "intransitive", "motion", "copula", "weather")
LINKS = {  # tenses of the main and the second clause
    "because": (("past", "past"), ("present", "present")),
    "although": (("past", "past"), ("present", "present"), ("future", "present")),
    "when": (("past", "past"), ("present", "present"), ("must", "present")),
    "if": (("future", "present"), ("can", "present"), ("should", "present")),
}


class Meaning(NamedTuple):
    """A sentence before it is put into any language.

    Args:
        construction: a key of `SHARES`.
        pairs: its (noun, adjective) and (subject's noun, verb), in English.
        antecedent: which noun "it" means; in the construction "reference" alone.
    """

    sentence: Sentence
    construction: str
    pairs: tuple[Pair, ...]
    antecedent: Referent | None = None


class Speaker(Clauses):
    """Draws one meaning after another."""

    def meaning(self) -> Meaning:
        """Draw the next one."""
        self.used = []
        construction = self.pick(CONSTRUCTIONS)
        if construction == "reference":
            return self.reference()
        if construction == "subordinate":
            return self.subordinate()
        if construction == "relative":
            main = self.with_relative()
        elif construction == "content":
            main = self.content()
        elif construction == "copula":
            main = self.description(("past", "present"))
        elif construction == "comparison":
            main = self.comparison()
        else:
            main = self.action(construction, MODES)
        return said(Sentence(main), construction)

    def plain(self, modes: tuple[str, ...]) -> Clause:
        """Draw a clause that fits into another."""
        frame = self.pick(PLAIN)
        if frame == "copula":
            tenses = [mode for mode in modes if mode in ("past", "present")]
            return self.description(tenses, plain=True)
        if frame == "weather":
            it, verb = lexicon().pronouns["it-n"], self.pick(lexicon().verbs[frame])
            tenses = [mode for mode in modes if mode in ("past", "future")]
            return Clause(it, verb, self.pick(tenses or modes))
        return self.action(frame, modes, plain=True)

    def content(self) -> Clause:
        """Draw what somebody knows or thinks."""
        verb = self.pick(lexicon().verbs["thinking"])
        subject = self.subject(verb.subject, known=True)
        negation = "not" if verb.en == "know" and self.chance(0.25) else ""
        content = self.plain(("past", "perfect", "present", "future"))
        return Clause(subject, verb, "present", negation, content=content)

    def with_relative(self) -> Clause:
        """Draw an action, one of whose nouns a relative clause tells apart."""
        clause = self.action("transitive", MODES)
        subject, thing = clause.subject, clause.object
        if clause.negation or clause.verb.creates or self.chance(0.5):
            thing = None
        if isinstance(thing, NounPhrase):
            # A time behind the relative clause would belong to it.
            front = clause.time is not None
            thing = self.told_apart(thing, clause.verb)
            return clause._replace(object=thing, place=None, front=front)
        if isinstance(subject, Pronoun):
            return self.with_relative()
        return clause._replace(
            subject=self.told_apart(subject, clause.verb), front=False
        )

    def told_apart(self, head: NounPhrase, main: Verb) -> NounPhrase:
        """Add a relative clause, in which the head is the subject or the object."""
        head = head._replace(determiner=head.determiner.replace("my", "the"))
        gap = self.pick([part for part in GAPS if verbs_of(head.noun, part)])
        verbs = verbs_of(head.noun, gap)
        verb = self.pick([verb for verb in verbs if verb is not main] or verbs)
        mode = self.pick(verb.modes[:1] or ("past", "past", "past", "present"))
        if gap == "object":
            subject = self.subject(verb.subject, known=True)
            relative = Clause(subject, verb, mode, object=head, gap=gap)
        elif verb.object:
            thing = self.nominal(verb.object, bare=True)
            relative = Clause(head, verb, mode, object=thing, gap=gap)
        else:
            place = self.place(verb.place.split())
            relative = Clause(head, verb, mode, place=place, gap=gap)
        return head._replace(relative=relative)

    def subordinate(self) -> Meaning:
        """Draw two clauses, one the other's reason, condition, time or contrast."""
        link = self.pick(tuple(LINKS))
        tense, second_tense = self.pick(LINKS[link])
        main = self.action(self.pick(PLAIN[:3]), (tense,), plain=True)
        first = self.chance(0.4)
        if link == "because" and not first:
            return self.reason(self.surrounded(main), second_tense)
        second = self.plain((second_tense,))
        while second.verb is main.verb:
            second = self.plain((second_tense,))
        return said(Sentence(main, link, second, first), "subordinate")

    def reason(self, main: Clause, tense: str) -> Meaning:
        """Draw a reason that follows; it may speak of the subject as he, she, they."""
        subject, extra = main.subject, list[Pair]()
        who = pronoun(subject)
        if who is None or self.chance(0.5):
            second = self.plain((tense,))
        elif isinstance(subject, NounPhrase):
            state = self.pick(states_of(subject.noun))
            second, extra = being(who, state, tense), [(subject.noun.en[0], state.en)]
        else:
            second = being(who, self.pick(states_of(nouns_of("adult")[0])), tense)
        return said(Sentence(main, "because", second), "subordinate", *extra)

    def reference(self) -> Meaning:
        """Draw "The dog did not cross the river because it was too deep"."""
        puzzle = self.pick(lexicon().puzzles)
        subject = self.pick(puzzle.subjects)
        thing, traits = self.pick([o for o in puzzle.objects if o[0] is not subject])
        antecedent: Referent = self.pick(("subject", "object"))
        meant = subject if antecedent == "subject" else thing
        trait = self.pick(puzzle.traits if antecedent == "subject" else traits)
        verb = puzzle.verb
        modes = (*FAILURES, *(mode for mode in verb.fails if mode not in FAILURES))
        mode = self.pick([mode for mode in modes if may(verb, mode)])
        main = Clause(
            self.coloured(subject),
            puzzle.verb,
            mode,
            negation="not",
            object=self.coloured(thing),
        )
        it = lexicon().pronouns["it-" + meant.gender]
        tense = "past" if mode in ("past", "could") else "present"
        second = being(it, trait, tense)._replace(degree="too")
        said_of_it = (meant.en[0], trait.en)
        meaning = said(Sentence(main, "because", second), "reference", said_of_it)
        return meaning._replace(antecedent=antecedent)

    def coloured(self, noun: Noun) -> NounPhrase:
        """Give the noun an adjective that no reason in a puzzle speaks of."""
        options = [a for a in adjectives_of(noun) if a.colour or a.en == "old"]
        adjectives = (self.pick(options),) if options and self.chance(0.4) else ()
        mine = "my" if "owned" in noun.kinds else "the"
        return NounPhrase(noun, self.pick(("the", "the", "this", mine)), adjectives)


def said(sentence: Sentence, construction: str, *extra: Pair) -> Meaning:
    """Gather the pairs of words of a sentence; `extra` are those a pronoun hides."""
    found = [*pairs(sentence.main), *extra]
    if sentence.second:
        found += pairs(sentence.second)
    return Meaning(sentence, construction, tuple(dict.fromkeys(found)))


def pairs(clause: Clause) -> Iterator[Pair]:
    """Go through the (noun, adjective) and (subject's noun, verb) of a clause."""
    place = clause.place[1] if clause.place else None
    for phrase in (clause.subject, clause.object, clause.receiver, place):
        if isinstance(phrase, NounPhrase):
            yield from ((phrase.noun.en[0], a.en) for a in phrase.adjectives)
            if phrase.relative:
                yield from pairs(phrase.relative)
    if isinstance(clause.subject, NounPhrase):
        yield clause.subject.noun.en[0], (clause.predicate or clause.verb).en
    if clause.content:
        yield from pairs(clause.content)


def pronoun(subject: Phrase) -> Pronoun | None:
    """Find the pronoun that takes up a person: girl has none, where German wavers."""
    if isinstance(subject, Pronoun):
        return subject
    if "person" not in subject.noun.kinds or subject.noun.gender == "n":
        return None
    if subject.person != THIRD:
        return lexicon().pronouns["they"]
    return lexicon().pronouns["he" if subject.noun.gender == "m" else "she"]


@cache
def verbs_of(noun: Noun, part: str) -> tuple[Verb, ...]:
    """Verbs that may have the noun as subject or as object."""
    verbs = lexicon().verbs
    return tuple(
        verb
        for verb in verbs["transitive"] + verbs["intransitive"]
        if noun.kinds.intersection(getattr(verb, part).split())
    )
