"""A clause in German: verb second or last, the verb's bracket, cases and endings."""

from typing import Literal

from allyouneed.data.grammar.phrases import (
    PLURAL,
    Case,
    Clause,
    NounPhrase,
    Phrase,
    Pronoun,
    Sentence,
    Tree,
)

Order = Literal["second", "inverted", "last"]
COMMA: Tree = ("$,", ",")
# What dies- ends in; "p" is the plural of every gender.
ENDINGS = {
    "nominative": {"m": "er", "f": "e", "n": "es", "p": "e"},
    "accusative": {"m": "en", "f": "e", "n": "es", "p": "e"},
    "dative": {"m": "em", "f": "er", "n": "em", "p": "en"},
}
ARTICLES = {"er": "der", "e": "die", "es": "das", "en": "den", "em": "dem"}
STEMS = {"this": "dies", "these": "dies", "a": "ein", "my": "mein", "no": "kein"}
NUMERALS = {"two": "zwei", "three": "drei"}
TAGS = {"the": "ART", "a": "ART", "my": "PPOSAT", "no": "PIAT"}
CONTRACTED = {"in dem": "im", "in das": "ins", "zu dem": "zum", "zu der": "zur"}
LINKS = {"because": "weil", "although": "obwohl", "if": "wenn", "when": "wenn"}
DEGREES = {"very": "sehr", "too": "zu"}
NEGATIONS = {"not": ("PTKNEG", "nicht"), "never": ("ADV", "nie")}
WITH_ZU = ("tried", "forgot")
AUXILIARIES = {
    "haben": ("habe", "hat", "haben"),
    "sein": ("bin", "ist", "sind"),
    "future": ("werde", "wird", "werden"),
    "must": ("muss", "muss", "müssen"),
    "may": ("darf", "darf", "dürfen"),
    "can": ("kann", "kann", "können"),
    "could": ("konnte", "konnte", "konnten"),
    "should": ("sollte", "sollte", "sollten"),
    "want": ("will", "will", "wollen"),
    "tried": ("versuchte", "versuchte", "versuchten"),
    "forgot": ("vergaß", "vergaß", "vergaßen"),
}


def sentence(meaning: Sentence) -> Tree:
    """Give the tree of a whole sentence, its full stop included."""
    main, second = meaning.main, meaning.second
    if second is None:
        return ("S", *clause(main, "second")[1:], ("$.", "."))
    past = meaning.link == "when" and second.mode == "past"
    link: Tree = ("KOUS", "als" if past else LINKS[meaning.link])
    joined: Tree = ("S", link, *clause(second, "last")[1:])
    if meaning.first:
        return ("S", joined, COMMA, *clause(main, "inverted")[1:], ("$.", "."))
    return ("S", *clause(main, "second")[1:], COMMA, joined, ("$.", "."))


def clause(c: Clause, order: Order) -> Tree:
    """Give ("S", ...) with the finite verb second, first or last."""
    finite, nonfinite = _verbs(c, order)
    subject = [] if c.gap == "subject" else [phrase(c.subject, "nominative")]
    time = [c.time.de] if c.time else []
    front: list[Tree] = []
    if order == "second":
        front, subject, time = (time, subject, []) if c.front else (subject, [], time)
    early, late = _objects(c)
    if c.mode in WITH_ZU:
        field = time
        tail: list[Tree] = [COMMA, ("VP", *early, *_place(c), *late, *nonfinite)]
    else:
        field = [*early, *time, *_negation(c), *_place(c), *late, *nonfinite]
        if nonfinite and nonfinite[0][0] != "PTKVZ":
            field = [("VP", *field)]
        tail = []
    middle = (
        [*subject, *field, finite] if order == "last" else [finite, *subject, *field]
    )
    return ("S", *front, *middle, *tail, *_extraposed(c))


def _verbs(c: Clause, order: Order) -> tuple[Tree, list[Tree]]:
    """Give the finite verb and what closes the bracket."""
    verb, person = c.verb, c.subject.person
    if c.mode in ("present", "past"):
        forms = verb.de_present if c.mode == "present" else verb.de_past
        tag = "VAFIN" if verb.de == "sein" else "VVFIN"
        if order == "last":
            return (tag, verb.particle + forms[person]), []
        particle: Tree = ("PTKVZ", verb.particle)
        return (tag, forms[person]), [particle] if verb.particle else []
    if c.mode == "perfect":
        auxiliary = AUXILIARIES["sein" if verb.sein else "haben"][person]
        return ("VAFIN", auxiliary), [("VVPP", verb.de_participle)]
    mode = "may" if c.mode == "must" and c.negation else c.mode
    finite = AUXILIARIES[mode][person]
    if c.mode not in WITH_ZU:
        tag = "VAFIN" if mode == "future" else "VMFIN"
        return (tag, finite), [("VVINF", verb.particle + verb.de)]
    if verb.particle:
        return ("VVFIN", finite), [("VVIZU", f"{verb.particle}zu{verb.de}")]
    return ("VVFIN", finite), [("PTKZU", "zu"), ("VVINF", verb.de)]


def _objects(c: Clause) -> tuple[list[Tree], list[Tree]]:
    """List what stands before and behind time, negation and place: known, then new."""
    early: list[Tree] = [phrase(c.receiver, "dative")] if c.receiver else []
    if c.predicate:
        return early, [_predicate(c)]
    if not c.object or c.gap == "object":
        return early, []
    if c.verb.goal:
        return early, [prepositional(c.verb.goal[1], c.object, c.verb.case)]
    tree = phrase(c.object, c.verb.case, negated=no_noun(c), relative=False)
    if isinstance(c.object, Pronoun):
        return [tree], []
    new = c.object.indefinite or c.object.relative or c.receiver
    return (early, [tree]) if new else ([tree], [])


def no_noun(c: Clause) -> bool:
    """Whether the negation is said with the object: kein-."""
    what = c.object
    indefinite = isinstance(what, NounPhrase) and what.determiner == "a"
    return c.negation == "not" and indefinite and not c.verb.goal


def _negation(c: Clause) -> list[Tree]:
    return [NEGATIONS[c.negation]] if c.negation and not no_noun(c) else []


def _place(c: Clause) -> list[Tree]:
    return [prepositional(c.place[0].de, c.place[1], "dative")] if c.place else []


def _predicate(c: Clause) -> Tree:
    assert c.predicate
    if c.object:
        other = ("NP", ("KOKOM", "als"), phrase(c.object, "nominative"))
        return ("AP", ("ADJD", c.predicate.more[1]), other)
    degree = [("PTKA", DEGREES[c.degree])] if c.degree else []
    return ("AP", *degree, ("ADJD", c.predicate.de))


def _extraposed(c: Clause) -> list[Tree]:
    """List the clauses that stand behind the bracket."""
    if c.content:
        return [COMMA, ("S", ("KOUS", "dass"), *clause(c.content, "last")[1:])]
    if isinstance(c.object, NounPhrase) and c.object.relative and not c.gap:
        return [COMMA, _relative(c.object)]
    return []


def phrase(
    what: Phrase, case: Case, *, negated: bool = False, relative: bool = True
) -> Tree:
    """Give ("NP", ...); its relative clause only where it stays beside the noun."""
    if isinstance(what, Pronoun):
        index = list(ENDINGS).index(case)
        return ("NP", ("PPER", what.de[index]))
    determiner, ending = _determiner(what, case, negated)
    words = [("ADJA", adjective.stem + ending) for adjective in what.adjectives]
    tree: Tree = ("NP", determiner, *words, ("NN", _noun(what, case)))
    if what.relative and relative:
        return ("NP", *tree[1:], COMMA, _relative(what), COMMA)
    return tree


def _determiner(what: NounPhrase, case: Case, negated: bool) -> tuple[Tree, str]:
    """Give the determiner and the ending that it leaves to the adjectives."""
    gender, name = _gender(what), "no" if negated else what.determiner
    strong = ENDINGS[case][gender]
    bare = gender in "mn" and (
        case == "nominative" or (gender, case) == ("n", "accusative")
    )
    weak = (
        "e"
        if gender != "p"
        and (case == "nominative" or (gender in "fn" and case == "accusative"))
        else "en"
    )
    if name in NUMERALS:
        return ("CARD", NUMERALS[name]), strong
    if name == "the":
        return ("ART", ARTICLES[strong]), weak
    if STEMS[name].endswith("ein") and bare:
        return (TAGS[name], STEMS[name]), strong
    return (TAGS.get(name, "PDAT"), STEMS[name] + strong), weak


def _gender(what: NounPhrase) -> str:
    return "p" if what.person == PLURAL else what.noun.gender


def _noun(what: NounPhrase, case: Case) -> str:
    if what.person == PLURAL:
        form = what.noun.de[1]
        return form + "n" * (case == "dative" and form[-1] not in "ns")
    return what.noun.de[0] if case == "nominative" else what.noun.oblique


def prepositional(preposition: str, what: Phrase, case: Case) -> Tree:
    """Give ("PP", ...), preposition and article in one where German does so."""
    _, determiner, *rest = phrase(what, case)
    if one := CONTRACTED.get(f"{preposition} {determiner[1]}"):
        return ("PP", ("APPRART", one), *rest)
    return ("PP", ("APPR", preposition), ("NP", determiner, *rest))


def _relative(what: NounPhrase) -> Tree:
    assert what.relative
    case = "nominative" if what.relative.gap == "subject" else what.relative.verb.case
    gender = _gender(what)
    dative_plural = case == "dative" and gender == "p"
    word = "denen" if dative_plural else ARTICLES[ENDINGS[case][gender]]
    return ("S", ("PRELS", word), *clause(what.relative, "last")[1:])
