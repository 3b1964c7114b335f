"""What is wrong with the Chinese edition: all of it, one line each."""

import datetime
import re
import subprocess
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
import yaml
from translated import (
    FENCE,
    KEPT,
    PAGES,
    english,
    faults,
    headings,
    narrow_signs,
    parts,
    promised,
)
from weaving import claim_mark, claims, translated_pages, woven

from allyouneed.book.language import NUMBER

# A link of HTML that goes up: how far, and to which page.
UPWARDS = re.compile(r'<a href="((?:\.\./)+)([\w/-]+)\.html[#"]')
TERMS, CHOSEN = "## Terms", "## Words chosen by their sense"


def all_faults(root: Path, *, days: int | None = None) -> Iterator[str]:
    """Every fault of the edition: pages, words of outputs, claims, contents."""
    pages = promised(root)
    yield from broken_promises(root, pages)
    for page in pages:
        if (root / f"zh/{page}.md").exists():
            yield from (f"{page}: {why}" for why in page_faults(root, page, days))
    for page in pages:
        if page not in PAGES:
            yield from (f"{page}: {why}" for why in output_faults(root, page))
    yield from claim_faults(root)
    yield from toc_faults(root)


def broken_promises(root: Path, pages: list[str]) -> Iterator[str]:
    """Promised and not there, there and not promised, promised once and no more."""
    yield from (
        f"{p}: promised, but zh/{p}.md is not there"
        for p in pages
        if not (root / f"zh/{p}.md").exists()
    )
    for page in translated_pages(root):
        if page not in pages:
            yield f"{page}: in Chinese, but not in zh/promised.txt: add it"
    command = ["git", "show", "HEAD:zh/promised.txt"]
    before = subprocess.run(
        command, cwd=root, capture_output=True, text=True, check=False
    )
    for line in before.stdout.split("\n"):
        if line and not line.startswith("#") and line not in pages:
            yield f"{line}: taken out of zh/promised.txt; the list only grows"


def page_faults(root: Path, page: str, days: int | None) -> Iterator[str]:
    """What is wrong with a page's prose."""
    cells = english(root, page)
    said = parts((root / f"zh/{page}.md").read_text(encoding="utf-8"))
    yield from faults(cells, said)
    for cell, part in said.items():
        yield from (f"{cell}: {why}" for why in forbidden(root, part.chinese))
        yield from (f"{cell}: {w}" for w in english_links(root, page, part.chinese))
        if cell in cells and not part.later:
            yield from (
                f"{cell}: {w}" for w in other_terms(root, cells[cell], part.chinese)
            )
        if part.later and days is not None:
            since = datetime.date.fromisoformat(part.later)
            if (datetime.datetime.now(tz=datetime.UTC).date() - since).days > days:
                yield f"{cell}: a translation is owed since {part.later}"
    if page not in PAGES:
        yield from wrong_title(root, next(iter(said.values())).chinese)


def english_links(root: Path, page: str, chinese: str) -> Iterator[str]:
    """Links that leave the edition for another page that it has itself."""
    here = promised(root)
    for up, target in UPWARDS.findall(chinese):
        if up.count("/") > page.count("/") and target in here and target != page:
            yield f"links to the English {target}, which is in Chinese: take a ../ away"


def wrong_title(root: Path, first: str) -> Iterator[str]:
    """A chapter that is called otherwise than in the ledger."""
    text = (root / "zh/words.toml").read_text(encoding="utf-8")
    name = headings(first)[0][1].split("：")[0]
    if name not in tomllib.loads(text)["chapters"].values():
        yield f"its title begins with {name!r}, which zh/words.toml does not have"


def output_faults(root: Path, page: str) -> Iterator[str]:
    """Sentences of outputs without Chinese, entries without use, changed numbers."""
    notebook, words = woven(root, page, [])
    yield from (f"no Chinese for {sentence!r}" for sentence in words.missing)
    file = root / f"src/allyouneed/zh/{Path(page).name}.toml"
    sections = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    listed = set(sections.pop("kept", {}).get("labels", [])).union(*sections.values())
    yield from (f"{key!r} is said nowhere" for key in sorted(listed - words.used))
    for key in listed & words.entries.keys():
        yield from (
            f"{words.entries[key]!r}: {w}" for w in forbidden(root, words.entries[key])
        )
        yield from narrow_signs(words.entries[key])
    before = nbformat.read(root / f"{page}.ipynb", as_version=4)
    for cell, ours in zip(before.cells, notebook.cells, strict=True):
        if cell.cell_type == "code":
            yield from (f"{cell.id}: {why}" for why in changed_numbers(cell, ours))


def changed_numbers(
    cell: nbformat.NotebookNode, ours: nbformat.NotebookNode
) -> Iterator[str]:
    """What a translation may not touch: code, and an output's numbers, in any order."""
    if cell.source != ours.source:
        yield "its code changed"
    captions = (c.metadata.get("mystnb", {}).get("figure", {}) for c in (cell, ours))
    shown = [Counter(single_numbers(c.get("caption", ""))) for c in captions]
    if shown[0] != shown[1]:
        yield f"its caption's numbers {dict(shown[0])} became {dict(shown[1])}"
    for mine, theirs in zip(cell.outputs, ours.outputs, strict=True):
        texts = [o.get("data", {}).get("text/html", "") for o in (mine, theirs)]
        counts = [Counter(said_numbers(text)) for text in texts]
        lost, new = counts[0] - counts[1], counts[1] - counts[0]
        if lost or new:
            yield f"an output's numbers {dict(lost)} became {dict(new)}"
        for mark in ("**", "&lt;i "):
            if texts[1].count(mark) > texts[0].count(mark):
                yield f"an output shows {mark}: a card sets stars only beside a space"


def said_numbers(html: str) -> list[str]:
    """The numbers in what cards say: measured values, answers, sliders."""
    measured = re.findall(r'<span class="measured">(.*?)</span>', html, re.S)
    alts = re.findall(r'role="img" aria-label="([^"]*)"', html)
    return [n for text in (*measured, *alts) for n in single_numbers(text)]


def single_numbers(text: str) -> list[str]:
    """Its numbers one by one: 3 to 6 is two of them, as 3 至 6 is."""
    return [n for found in NUMBER.findall(text) for n in found.split(" to ")]


def claim_faults(root: Path) -> Iterator[str]:
    """Claims without Chinese, or whose English has changed."""
    path = root / "src/allyouneed/zh/claims.toml"
    ours = tomllib.loads(path.read_text(encoding="utf-8"))
    known = claims(root)
    yield from (
        f"{name}: no Chinese in zh/claims.toml" for name in known if name not in ours
    )
    for name, said in ours.items():
        if name not in known:
            yield f"{name}: is no claim of the ledger"
            continue
        if said.get("of") != claim_mark(known[name]):
            yield f"{name}: changed since it was translated"
        text = " ".join(said[key] for key in said if key != "of")
        for why in (*forbidden(root, text), *narrow_signs(text)):
            yield f"{name}: {why}"


def toc_faults(root: Path) -> Iterator[str]:
    """Captions of the table of contents without Chinese."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    said = yaml.safe_load((root / "zh/toc.yml").read_text(encoding="utf-8"))
    for part in toc["parts"]:
        if part["caption"] not in said:
            yield f"zh/toc.yml lacks {part['caption']!r}"


@cache
def glossary(root: Path) -> dict[str, list[tuple[str, list[str], list[str]]]]:
    """The rows of zh/GLOSSARY.md by table: English, Chinese, and what is never said."""
    text = (root / "zh/GLOSSARY.md").read_text(encoding="utf-8")
    rows: dict[str, list[tuple[str, list[str], list[str]]]] = {TERMS: [], CHOSEN: []}
    table = ""
    for line in text.split("\n"):
        table = line if line in rows else table
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if (
            table
            and len(cells) == 3
            and not set(line) <= set("|- ")
            and cells[0] != "English"
        ):
            several = [
                [w.strip() for w in c.split("、") if w.strip()] for c in cells[1:]
            ]
            rows[table].append((cells[0], several[0], several[1]))
    return rows


def forbidden(root: Path, chinese: str) -> Iterator[str]:
    """Words that the glossary rules out; what stands in quotation marks is quoted."""
    plain = re.sub("“[^”]*”", "", chinese)
    for rows in glossary(root).values():
        for term, ours, never in rows:
            for word in never:
                if word in plain:
                    yield f"says {word!r}: {term} is {'、'.join(ours)}"


def other_terms(root: Path, source: str, chinese: str) -> Iterator[str]:
    """Terms of the English whose Chinese does not occur in the translation."""
    plain = re.sub(r"\([^)]*\)", "", KEPT.sub(" ", FENCE.sub("", source)))
    for term, ours, _ in glossary(root)[TERMS]:
        used = re.search(rf"(?<![\w-]){re.escape(term)}s?(?![\w-])", plain, re.I)
        if used and not any(w.lower() in chinese.lower() for w in (*ours, term)):
            yield f"{term} is {'、'.join(ours)}, which is not said"
