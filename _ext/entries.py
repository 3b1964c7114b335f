"""What the ledger says of one claim: its words, its verdict, what was measured."""

import re

from docutils import nodes
from stored import Card
from words import Placed, say

VERDICTS = {  # of one, as in book.claims, which the site does not import; of many
    "true": ("holds", "hold"),
    "qualified": ("holds with a condition", "hold with a condition"),
    "false": ("wrong", "are wrong"),
    "opinion": ("opinion", "are opinions"),
    "slip": ("a slip of the pen", "are slips of the pen, counted apart"),
}
BASES = {
    "tested": ("by an experiment in this book", "decided by an experiment here"),
    "derivation": ("by a derivation", "by a derivation"),
    "source": ("by a source", "by a source"),
    "waiting": ("waiting for its chapter", "waiting for their chapters"),
    "untestable": ("nothing to decide", "opinions, nothing to decide"),
}
Claim = dict[str, str]
# As book.claims writes them: TeX between dollars in a claim, bold in what was measured.
FORMULA = re.compile(r"(?<!\\)\$([^\s$](?:[^$\n]*[^\s$])?)\$")
BOLD = re.compile(r"(?<!\w)\*\*(\S(?:.*?\S)??)\*\*")


def pieces(words: str) -> list[nodes.Node]:
    """The words as text and formulas."""
    # Formulas stand at the odd places.
    parts = FORMULA.split(words)
    made: list[nodes.Node] = [
        nodes.math(part, part) if place % 2 else nodes.Text(part)
        for place, part in enumerate(parts)
    ]
    return [node for node in made if node.astext()]


def phrase(where: Placed, claim: Claim) -> nodes.paragraph:
    """Quote the notes; what holds a Chinese character is marked as Chinese."""
    zh = claim["zh"]
    if re.search("[\u4e00-\u9fff]", zh):
        quoted: nodes.Element = nodes.inline(zh, "", *pieces(zh))
        quoted["classes"] = ["language-zh"]
    elif FORMULA.search(zh):
        quoted = nodes.inline(zh, "", *pieces(zh))
    else:
        quoted = nodes.literal(zh, zh)
    label = nodes.Text(say(where, "Note {}: ", claim["note"]))
    return nodes.paragraph("", "", label, quoted, classes=["ledger-phrase"])


def outcome(
    where: Placed, claim: Claim, kind: str, card: Card | None
) -> nodes.paragraph:
    """Say the verdict, how it was reached, and where a card shows it."""
    line = nodes.paragraph(classes=["ledger-verdict"])
    word = say(where, VERDICTS[claim["verdict"]][0])
    line += [nodes.strong(word, word), nodes.Text(" · ")]
    if card is None:
        line += nodes.Text(say(where, BASES[kind][0]))
        return line
    differs = "differs on the stored run: " if card.differs else "measured: "
    line += nodes.Text(say(where, differs))
    line += numbers(card.measured)
    if card.attacked:
        held, tried = card.attacked
        times = say(where, " · held in {} of {} with other seeds", held, tried)
        line += nodes.Text(times)
    # The address is known when the page is written: a single page has other ones.
    link = nodes.reference(
        "", say(where, "see it"), internal=True, classes=["ledger-link"]
    )
    link["ledger_card"] = (card.page, claim["id"])
    line += [nodes.Text(" · "), link]
    return line


def numbers(measured: str) -> nodes.inline:
    """What was measured, the deciding numbers bold."""
    shown = nodes.inline(classes=["ledger-measured"])
    for place, part in enumerate(BOLD.split(measured)):
        said = pieces(part)
        shown += nodes.strong(part, "", *said) if place % 2 else said
    return shown
