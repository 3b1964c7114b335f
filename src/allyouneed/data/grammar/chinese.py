"""A clause in Chinese: time, place, verb with its aspect; 的 before the noun."""

from allyouneed.data.grammar.phrases import (
    Clause,
    NounPhrase,
    Phrase,
    Pronoun,
    Sentence,
    Tree,
)

NUMERALS = {"a": "一", "two": "两", "three": "三"}
MODES = {
    "future": ("VV", "会"),
    "must": ("VV", "必须"),
    "may": ("VV", "可以"),
    "can": ("VV", "能"),
    "could": ("VV", "能"),
    "should": ("VV", "应该"),
    "want": ("VV", "想"),
    "tried": ("VV", "试着"),
    "forgot": ("VV", "忘了"),
    "perfect": ("AD", "已经"),
}
NEGATED = {
    "present": "不",
    "past": "没有",
    "perfect": "还没有",
    "must": "不准",
    "could": "没能",
}
# What opens the second clause, opens the main one, and stands behind its subject.
LINKS = {
    "because": ("因为", "所以", ""),
    "although": ("虽然", "但是", ""),
    "if": ("如果", "", "就"),
}
COMMA: Tree = ("PU", "，")
STOP: Tree = ("PU", "。")


def sentence(meaning: Sentence) -> Tree:
    """Give the tree of a whole sentence, its full stop included.

    Only a reason may follow what it explains; every other clause comes first.
    """
    main, second = meaning.main, meaning.second
    if second is None:
        return ("IP", *clause(main)[1:], STOP)
    if meaning.link == "when":
        when = clause(second, aspect=False)
        joined: Tree = ("LCP", when, ("LC", "的时候"))
        return ("IP", joined, COMMA, *clause(main)[1:], STOP)
    opening, main_opening, link = LINKS[meaning.link]
    joined = ("CP", ("CS", opening), clause(second))
    if meaning.link == "because" and not meaning.first:
        return ("IP", *clause(main)[1:], COMMA, joined, STOP)
    then = [("AD", main_opening)] if main_opening else []
    return ("IP", joined, COMMA, *then, *clause(main, link=link)[1:], STOP)


def clause(c: Clause, *, aspect: bool = True, link: str = "") -> Tree:
    """Give ("IP", ...); `link` is an adverb between subject and verb."""
    time: list[Tree] = [("NP", ("NT", c.time.zh))] if c.time else []
    subject: list[Tree] = []
    if c.gap != "subject" and not c.verb.weather:
        subject = [("VE", "有")] if _appears(c.subject) else []
        subject.append(phrase(c.subject))
    opening = [*time, *subject] if c.front else [*subject, *time]
    adverb = [("AD", link)] if link else []
    return ("IP", *opening, *adverb, ("VP", *_verb_phrase(c, aspect)))


def _appears(subject: Phrase) -> bool:
    """Whether somebody new is named first: 有一个, not after a clause of another."""
    if isinstance(subject, Pronoun) or not subject.indefinite:
        return False
    return subject.relative is None or subject.relative.gap == "subject"


def _verb_phrase(c: Clause, aspect: bool) -> list[Tree]:
    if c.predicate:
        return _predicate(c)
    before, after = [*_before(c)], list[Tree]()
    if c.place:
        before.append(_place(c.place[0].zh, c.place[1]))
    if c.receiver and c.verb.receiver == "before":
        before.append(("PP", ("P", "给"), phrase(c.receiver)))
    elif c.receiver:
        after.append(phrase(c.receiver))
    if c.object and c.gap != "object":
        after.append(phrase(c.object, bare=bool(c.negation)))
    if c.verb.within:
        after = [("LCP", *after, ("LC", c.verb.within))]
    if c.content:
        after.append(clause(c.content))
    plain: list[Tree] = [("VV", c.verb.zh.replace("|", ""))]
    told = aspect and (not c.gap or (c.gap == "subject" and c.object is not None))
    return [*before, *(_verb(c) if told else plain), *after]


def _potential(c: Clause) -> bool:
    """Whether the verb itself says that it cannot be done: 看不见."""
    return bool(c.negation and c.mode in c.verb.fails and c.verb.cannot)


def _before(c: Clause) -> list[Tree]:
    """List adverbs and modals."""
    if _potential(c):
        return []
    if c.negation == "never":
        return [("AD", "从来没有")]
    if c.negation and c.mode in NEGATED:
        return [("AD", NEGATED[c.mode])]
    negation: list[Tree] = [("AD", "不")] if c.negation else []
    return negation + ([MODES[c.mode]] if c.mode in MODES else [])


def _verb(c: Clause) -> list[Tree]:
    """Give the verb with 了 for what happened, 过 for what never did."""
    if _potential(c):
        return [("VV", c.verb.cannot)]
    verb, _, thing = c.verb.zh.partition("|")
    happened = c.mode in ("past", "perfect") and not c.negation and "得" not in verb
    marker = "过" if c.negation == "never" else "了" if happened else ""
    if not marker:
        return [("VV", verb + thing)]
    return [("VV", verb), ("AS", marker), *([("NN", thing)] if thing else [])]


def _predicate(c: Clause) -> list[Tree]:
    assert c.predicate
    adjective: Tree = ("VA", c.predicate.predicate)
    if c.object:
        return [("PP", ("P", "比"), phrase(c.object)), adjective]
    if c.degree == "too":
        return [("AD", "太"), adjective, ("SP", "了")]
    degree = "非常" if c.degree == "very" else "不" if c.negation else "很"
    return [("AD", degree), adjective]


def _place(position: str, what: NounPhrase) -> Tree:
    return ("PP", ("P", "在"), ("LCP", phrase(what), ("LC", position)))


def phrase(what: Phrase, *, bare: bool = False) -> Tree:
    """Give ("NP", ...); a bare one drops its 一."""
    if isinstance(what, Pronoun):
        return ("NP", ("PN", what.zh))
    parts = [] if bare and what.determiner == "a" else _determiner(what)
    if what.relative:
        relative: Tree = ("CP", clause(what.relative), ("DEC", "的"))
        parts.insert(len(parts) * (what.relative.gap == "subject"), relative)
    adjectives = [_adjective(a.attribute) for a in what.adjectives]
    return ("NP", *parts, *adjectives, ("NN", what.noun.zh))


def _determiner(what: NounPhrase) -> list[Tree]:
    name, classifier = what.determiner, ("CLP", ("M", what.noun.classifier))
    if name in NUMERALS:
        return [("QP", ("CD", NUMERALS[name]), classifier)]
    if name == "this":
        return [("DP", ("DT", "这"), classifier)]
    if name == "these":
        return [("DP", ("DT", "这些"))]
    if name == "my":
        soon = what.adjectives and what.adjectives[0].attribute.endswith("的")
        return [("DNP", ("PN", "我"), *([] if soon else [("DEG", "的")]))]
    return []


def _adjective(attribute: str) -> Tree:
    if attribute.endswith("的"):
        return ("DNP", ("ADJP", ("JJ", attribute[:-1])), ("DEG", "的"))
    return ("ADJP", ("JJ", attribute))
