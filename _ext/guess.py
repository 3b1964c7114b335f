"""Sphinx extension: guess boxes become questions that a script can ask.

In a notebook a guess is plain Markdown, one or more questions in an admonition of class
`guess`. A question ends with options in letters, and with its answer in a `<details>`:

    - (a) half the time
    - (b) nearly always

    <details><summary>Answer</summary>

    Answer: **b** · note 003: **a**

    Why this is so.

    </details>

The first line of the answer names the right letter, then what notes said. This module
reads it once and for all, so that no script needs the grammar. What does not fit is a
warning, and so an error of `make book`.
"""

import re
from hashlib import sha256
from string import ascii_lowercase
from typing import Any

from docutils import nodes
from folds import BESIDE_HTML, Fold
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

LOG = logging.getLogger(__name__)
OPTION = re.compile(r"\(([a-z])\)\s")
CHAPTER = re.compile(r"(?:.*/)?(?:0*(\d+)-)?(.+)")
OPEN, CLOSE = re.compile(r"\s*<details\b"), re.compile(r"\s*</details>")
SUMMARY = re.compile(r"<summary>(.*?)</summary>", re.DOTALL)


class Question(nodes.General, nodes.Element):
    """What is asked, the options, the answer; knows the letters and the chapter."""


class Score(nodes.General, nodes.Element):
    """The place at a chapter's end where the script writes the score."""


def options(node: nodes.Node) -> str:
    """The letters of a list of options in order; nothing if it is another list."""
    if not isinstance(node, nodes.bullet_list):
        return ""
    found = [OPTION.match(item.astext()) for item in node.children]
    return "".join(letter[1] if letter else "?" for letter in found) * any(found)


def letters(line: nodes.Node | None) -> tuple[str, dict[str, str]]:
    """The right letter and each note's, from `Answer: **c** · note 003: **a**`."""
    right, notes, note = "", {}, ""
    for part in line.children if isinstance(line, nodes.paragraph) else ():
        said = part.astext()
        if isinstance(part, nodes.strong):
            if note:
                notes[note] = said
            else:
                right = right or said
        elif number := re.findall(r"\d{3}", said):
            note = number[-1]
    return right, notes


def is_html(node: nodes.Node, pattern: re.Pattern[str]) -> bool:
    """Whether a node is HTML written in Markdown that begins like this."""
    return isinstance(node, nodes.raw) and bool(pattern.match(node.astext()))


def taken_fold(left: list[nodes.Node]) -> Fold | None:
    """Take a `<details>` written as HTML off the front of what is left, if it ends."""
    end = next((i for i, node in enumerate(left) if is_html(node, CLOSE)), 0)
    if not end or not is_html(left[0], OPEN):
        return None
    summary = SUMMARY.search(left[0].astext())
    label = summary[1].strip() if summary else "Answer"
    fold = Fold("", *left[1:end], classes=["guess-answer"], label=label)
    del left[: end + 1]
    return fold


def split(box: nodes.Element) -> list[nodes.Node]:
    """The children of a box, each stem with its options and answer in a question."""
    title, *left = box.children
    made: list[nodes.Node] = [title]
    stem: list[nodes.Node] = []
    while left:
        node = left.pop(0)
        stem.append(node)
        if known := options(node):
            answer = taken_fold(left)
            made.append(question(stem, known, answer))
            stem = []
        elif is_html(node, OPEN):
            said = "guess: this <details> follows no list '- (a) ...', '- (b) ...'"
            LOG.warning(said, location=box)
    return made + stem


def question(stem: list[nodes.Node], known: str, answer: Fold | None) -> Question:
    """Make one question, and complain of what a script could not ask or score."""
    line = answer.children[0] if answer and answer.children else None
    right, notes = letters(line)
    words = " ".join("\n".join(node.astext() for node in stem).split())
    key = sha256(words.encode()).hexdigest()[:6]
    asked = Question("", *stem, right=right, notes=notes, key=key)
    if answer:
        asked += answer
    for fault in faults(stem, known, answer, {"": right, **notes}):
        LOG.warning("guess: %s", fault, location=stem[-1])
    return asked


def faults(
    stem: list[nodes.Node], known: str, answer: Fold | None, said: dict[str, str]
) -> list[str]:
    """What does not fit together in one question, with the remedy."""
    found = []
    if not any(isinstance(node, nodes.paragraph) for node in stem):
        found.append("no question stands before these options: write a paragraph")
    if known != ascii_lowercase[: len(known)] or len(known) < 2:
        found.append(f"the options are ({known}): letter them (a), (b), (c) in order")
    if answer is None:
        found.append(
            "no answer follows the options: '<details><summary>Answer</summary>', an "
            "empty line, 'Answer: **a** · note 003: **b**', the reason, '</details>'"
        )
        return found
    for note, letter in said.items():
        if len(letter) != 1 or letter not in known:
            whose = f"note {note}" if note else "the answer"
            found.append(
                f"{whose} is {letter!r}, none of ({known}): "
                "begin the fold with 'Answer: **a** · note 003: **b**'"
            )
    return found


def convert(app: Sphinx, document: nodes.document) -> None:
    """Turn the boxes of a page into questions that know chapter and number."""
    for box in document.findall(nodes.admonition):
        if "guess" in box["classes"]:
            box[:] = split(box)
    asked = list(document.findall(Question))
    number, slug = CHAPTER.fullmatch(app.env.docname).groups()  # type: ignore[union-attr]
    place = {"chapter": slug, "number": number or slug}
    for index, node in enumerate(asked):
        node.attributes.update(place, index=index, ids=[f"guess-{index + 1}"])
    if asked:
        document.children[0].append(Score("", ids=["guess-score"], **place))
        asking_pages(app.env).add(app.env.docname)


def asking_pages(env: BuildEnvironment) -> set[str]:
    """The pages that ask at least one question."""
    if not hasattr(env, "guess_pages"):
        env.guess_pages = set()  # type: ignore[attr-defined]
    return env.guess_pages  # type: ignore[attr-defined]


def purge(_: Sphinx, env: BuildEnvironment, page: str) -> None:
    """Forget a page that is read again or gone."""
    asking_pages(env).discard(page)


def merge(_: Sphinx, env: BuildEnvironment, pages: list[str], other: Any) -> None:
    """Take over what a parallel reader noted."""
    asking_pages(env).update(asking_pages(other) & set(pages))


def open_question(self: Any, node: Question) -> None:
    """Write the attributes that the scripts read."""
    said = " ".join(f"{note}:{letter}" for note, letter in node["notes"].items())
    names = ("chapter", "number", "index", "key", "right")
    data = {f"data-{name}": str(node[name]) for name in names} | {"data-notes": said}
    self.body.append(self.starttag(node, "div", CLASS="guess-question", **data))


def open_score(self: Any, node: Score) -> None:
    """Write an empty place: without a script there is nothing to say."""
    names = ("chapter", "number", "meet")
    data = {f"data-{name}": node[name] for name in names if name in node}
    self.body.append(self.starttag(node, "div", CLASS="guess-score", **data))


def close(self: Any, _node: nodes.Element) -> None:
    """End a question or a score."""
    self.body.append("</div>\n")


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the nodes and what happens when."""
    app.setup_extension("folds")
    app.add_node(Question, html=(open_question, close), **BESIDE_HTML)
    app.add_node(Score, html=(open_score, close), **BESIDE_HTML)
    app.connect("doctree-read", convert)
    app.connect("env-purge-doc", purge)
    app.connect("env-merge-info", merge)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
