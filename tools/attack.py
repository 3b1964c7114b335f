"""Run every chapter with all its seeds shifted, and record which of its cards held.

    make attack          all chapters, twenty shifts
    python tools/attack.py [--shifts 5] [--chapters 02 06] [--out FILE]

A card that one seed supports and the next one does not is no verdict. Nothing fails
here: a card that came out differently is a line of the record, and so is a cell that
raised an error; the cards that it would have shown count as not held. A chapter whose
code changes is attacked anew.
"""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import nbformat
import recording
from chapter import ROOT, read
from nbclient import NotebookClient
from nbformat import NotebookNode
from stored import code_of

RECORD = recording.FOLDER / "attack.jsonl"
SHIFTS = 20
SECONDS = 900  # for one cell, on a machine that has other work
BEGIN = "from shifted import shift\n\nshift({seed})"
CARD = re.compile(r'class="verdict verdict-\w+" id="card-([\w-]+)"')
MEASURED = re.compile(r'<span class="measured">(.*?)</span>', re.S)


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One chapter, by its topic and its code; the seed says how far all are shifted."""

    chapter: str
    code: str
    seed: int


def attacked(config: Attack) -> dict[str, Any]:
    """Run the chapter; each card that it stores, whether it held, what it measured."""
    path = chapters()[config.chapter]
    if code_of(path) != config.code:
        raise ValueError(f"{path.name} is no longer the code {config.code}: begin anew")
    expected = [name for cell in read(path).cells for name, _, _ in cards(cell)]
    cells = run(path, config.seed).cells
    found = {name: (held, told) for cell in cells for name, held, told in cards(cell)}
    nothing = (False, "not reached")
    return {
        "cards": [
            {"id": name, "held": held, "measured": told}
            for name in expected
            for held, told in [found.get(name, nothing)]
        ],
        "errors": [error for cell in cells for error in errors(cell)],
    }


def run(path: Path, seed: int) -> NotebookNode:
    """Execute a notebook to its end, whatever its cells raise, with seeds shifted."""
    notebook = read(path)
    begin = nbformat.v4.new_code_cell(BEGIN.format(seed=seed))
    notebook.cells.insert(0, begin)
    NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    del notebook.cells[0]
    return notebook


def cards(cell: NotebookNode) -> list[tuple[str, bool, str]]:
    """The cards that a cell shows: the claim, whether it held, the measurement."""
    found = []
    for output in cell.get("outputs", []):
        html = output.get("data", {}).get("text/html", "")
        if card := CARD.search(html):
            told = MEASURED.search(html)
            held = 'class="verdict-differs"' not in html
            found.append((card[1], held, unescape(told[1]) if told else ""))
    return found


def errors(cell: NotebookNode) -> list[str]:
    """What a cell raised although it is not there to raise it."""
    if "raises-exception" in cell.metadata.get("tags", []):
        return []
    return [
        f"{output.ename}: {output.evalue[:200]}"
        for output in cell.get("outputs", [])
        if output.output_type == "error"
    ]


def chapters() -> dict[str, Path]:
    """The chapters by topic, in order."""
    paths = sorted((ROOT / "chapters").glob("*.ipynb"))
    return {path.stem.lstrip("0123456789-"): path for path in paths}


def trials(shifts: int, numbers: Collection[str] = ()) -> list[Attack]:
    """Every chapter with the first shift, then with the second, and so on."""
    chosen = {
        topic: code_of(path)
        for topic, path in chapters().items()
        if not numbers or path.stem.partition("-")[0] in numbers
    }
    return [
        Attack(chapter=topic, code=code, seed=shift)
        for shift in range(1, shifts + 1)
        for topic, code in chosen.items()
    ]


def main() -> None:
    words = recording.command(__doc__, RECORD)
    words.add_argument("--shifts", type=int, default=SHIFTS)
    words.add_argument("--chapters", nargs="*", help="numbers; all unless given")
    given = words.parse_args()
    tools = str(Path(__file__).parent)
    os.environ |= {"ALLYOUNEED_STATIC": "1", "PYTHONHASHSEED": "0"}
    os.environ["PYTHONPATH"] = os.pathsep.join(
        [tools, *filter(None, [os.environ.get("PYTHONPATH")])]
    )
    os.environ.pop("ALLYOUNEED_STRICT", None)
    recording.record(attacked, trials(given.shifts, given.chapters or ()), given)


if __name__ == "__main__":
    main()
