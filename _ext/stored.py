"""What the book's notebooks store, read without a kernel and without torch."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from pathlib import Path

from sphinx.environment import BuildEnvironment

MEASURED = re.compile(r'<span class="measured">(.*?)</span>', re.DOTALL)
FORMULA = re.compile(r'<i class="math">\\\((.*?)\\\)</i>')


def notebooks(env: BuildEnvironment) -> dict[str, Path]:
    """Find the book's notebooks, by page name; an edition may lack some as pages."""
    paths = {page: Path(env.doc2path(page)) for page in env.found_docs}
    paths = {page: path for page, path in paths.items() if path.suffix == ".ipynb"}
    lying = Path(env.srcdir, "chapters").glob("*.ipynb")
    paths |= {f"chapters/{path.stem}": path for path in lying}
    return dict(sorted(paths.items()))


@dataclass(frozen=True)
class Card:
    """A card as a notebook stores it: where, what was measured, whether it differs."""

    page: str
    measured: str
    differs: bool
    details: str = ""
    attacked: tuple[int, int] | None = None  # times held, of so many with other seeds


def outputs(notebook: Path) -> Iterator[tuple[str, str]]:
    """The HTML of each output that a notebook stores, with the name of its figure."""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        figure = cell["metadata"].get("mystnb", {}).get("figure", {})
        for output in cell.get("outputs", []):
            html = "".join(output.get("data", {}).get("text/html", ""))
            if html:
                yield figure.get("name", ""), html


def cards(page: str, notebook: Path) -> list[tuple[str, Card]]:
    """Collect the cards in the outputs of one stored notebook, by claim."""
    found = []
    for _, html in outputs(notebook):
        for card in html.split('<div class="verdict ')[1:]:
            name = re.search(r'id="card-([\w-]+)"', card)
            numbers = [plain(text) for text in MEASURED.findall(card)]
            if name and numbers:
                differs = "verdict-differs" in card
                details = "".join(numbers[1:2])
                found.append((name[1], Card(page, numbers[0], differs, details)))
    return found


def plain(html: str) -> str:
    """What was measured as the chapter wrote it, from the HTML of a card."""
    text = FORMULA.sub(r"$\1$", re.sub("</?strong>", "**", html))
    return unescape(text.replace("<br>", "\n"))


def code_of(notebook: Path) -> str:
    """Name what the cells of a notebook compute: an attack is of this and no other."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
    return sha256("\0".join(code).encode()).hexdigest()[:12]


def attacks(record: Path, pages: Iterable[Path]) -> dict[str, tuple[int, int]]:
    """How often each card held with other seeds, and how often that was tried."""
    if not record.exists():
        return {}
    current = {code_of(path) for path in pages}
    held: Counter[str] = Counter()
    tried: Counter[str] = Counter()
    for line in record.read_text(encoding="utf-8").split("\n"):
        trial = json.loads(line or "{}")
        if trial and trial["config"]["code"] in current:
            for card in trial["metrics"]["cards"]:
                tried[card["id"]] += 1
                held[card["id"]] += card["held"]
    return {name: (held[name], tried[name]) for name in tried}
