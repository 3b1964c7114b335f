"""A clause in English: subject, verb, object, place, time."""

from allyouneed.data.grammar.phrases import (
    THIRD,
    Clause,
    NounPhrase,
    Phrase,
    Pronoun,
    Sentence,
    Tree,
)

MODALS = {
    "future": "will",
    "must": "must",
    "can": "can",
    "could": "could",
    "may": "may",
    "should": "should",
}
WITH_TO = {
    "want": ("want", "wants"),
    "tried": ("tried",) * 2,
    "forgot": ("forgot",) * 2,
}
TAGS = {"the": "DT", "a": "DT", "this": "DT", "these": "DT", "my": "PRP$"}


def sentence(meaning: Sentence) -> Tree:
    """Give the tree of a whole sentence, its full stop included."""
    main, second = meaning.main, meaning.second
    if second is None:
        return ("S", *clause(main)[1:], (".", "."))
    label = (
        ("WHADVP", ("WRB", "when")) if meaning.link == "when" else ("IN", meaning.link)
    )
    joined: Tree = ("SBAR", label, clause(second))
    if meaning.first:
        return ("S", joined, (",", ","), *clause(main)[1:], (".", "."))
    return ("S", *clause(main, joined)[1:], (".", "."))


def clause(c: Clause, *last: Tree) -> Tree:
    """Give ("S", ...); `last` closes the verb phrase."""
    front = [c.time.en] if c.time and c.front else []
    subject = [] if c.gap == "subject" else [phrase(c.subject, 0)]
    return ("S", *front, *subject, _verb_phrase(c, last))


def _verb_phrase(c: Clause, last: tuple[Tree, ...]) -> Tree:
    """Nest one VP in each auxiliary."""
    *outer, inner = _verbs(c)
    tree: Tree = ("VP", *inner, *_complements(c))
    for group in reversed(outer):
        tree = ("VP", *group, tree)
        if group[0] == ("TO", "to"):
            tree = ("S", tree)
    return (*tree, *last)


def _verbs(c: Clause) -> list[list[Tree]]:
    """Group the verbs, auxiliaries with their negation first, the full verb last."""
    verb, person = c.verb, c.subject.person
    tag = "VBZ" if person == THIRD else "VBP"
    no: list[Tree] = [("RB", c.negation)] if c.negation else []
    if c.mode == "can" and no:
        return [[("MD", "cannot")], [("VB", verb.en)]]
    if c.mode in MODALS:
        return [[("MD", MODALS[c.mode]), *no], [("VB", verb.en)]]
    if c.mode == "perfect":
        have = "has" if person == THIRD else "have"
        return [[(tag, have), *no], [("VBN", verb.en_participle)]]
    do = "did" if c.mode == "past" else "does" if person == THIRD else "do"
    support = [("VBD" if do == "did" else tag, do), *no]
    if c.mode in WITH_TO:
        form = WITH_TO[c.mode][person == THIRD]
        to: list[list[Tree]] = [[("TO", "to")], [("VB", verb.en)]]
        if no:
            return [support, [("VB", c.mode)], *to]
        return [[(tag if c.mode == "want" else "VBD", form)], *to]
    if no and verb.en != "be":
        return [support, [("VB", verb.en)]]
    if c.mode == "past":
        return [[("VBD", verb.en_past[person]), *no]]
    return [[(tag, verb.en_present[person]), *no]]


def _complements(c: Clause) -> list[Tree]:
    """List what follows the verb: receiver, object or goal, place, time."""
    parts = []
    if c.receiver:
        parts.append(phrase(c.receiver, 1))
    if c.object and c.degree != "than" and c.gap != "object":
        thing = phrase(c.object, 1)
        parts.append(("PP", ("IN", c.verb.goal[0]), thing) if c.verb.goal else thing)
    if c.predicate:
        parts.append(_predicate(c))
    if c.content:
        parts.append(("SBAR", ("IN", "that"), clause(c.content)))
    if c.place:
        where = [("IN", word) for word in c.place[0].en.split()]
        parts.append(("PP", *where, phrase(c.place[1], 1)))
    if c.time and not c.front:
        parts.append(c.time.en)
    return parts


def _predicate(c: Clause) -> Tree:
    assert c.predicate
    if c.object and c.degree == "than":
        other = ("PP", ("IN", "than"), phrase(c.object, 1))
        return ("ADJP", ("JJR", c.predicate.more[0]), other)
    degree = [("RB", c.degree)] if c.degree else []
    return ("ADJP", *degree, ("JJ", c.predicate.en))


def phrase(what: Phrase, case: int) -> Tree:
    """Give ("NP", ...); case 0 is the subject's, 1 any other."""
    if isinstance(what, Pronoun):
        return ("NP", ("PRP", what.en[case]))
    many = what.person != THIRD
    noun = ("NNS" if many else "NN", what.noun.en[many])
    company = [*(("JJ", a.en) for a in what.adjectives), noun]
    determiner = what.determiner
    if determiner == "a" and company[0][1][0] in "aeiou":
        determiner = "an"
    tree: Tree = ("NP", (TAGS.get(what.determiner, "CD"), determiner), *company)
    return ("NP", tree, _relative(what)) if what.relative else tree


def _relative(what: NounPhrase) -> Tree:
    assert what.relative
    word = "which"
    if "person" in what.noun.kinds:
        word = "who" if what.relative.gap == "subject" else "whom"
    tag = "WP" if word.startswith("who") else "WDT"
    return ("SBAR", ("WHNP", (tag, word)), clause(what.relative))
