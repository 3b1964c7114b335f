"""The Chinese edition: weave it, say what is missing, show what has changed."""

import argparse
import datetime
import difflib
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
from chapter import ROOT, find
from checking import all_faults
from translated import PAGES, PART, english, mark, parts
from weaving import claim_mark, claims, translated_pages, weave, woven

BRANCH = """\
# 中文版的笔记本

这个分支由 CI 从 main 分支织成，供 Colab 打开；请不要在这里修改。
译文在 main 分支的 `zh/` 里。
"""
SPEAK = """

from allyouneed.book import speak

speak("{name}")"""
CLAIM = re.compile(r'^\[([\w-]+)\]\n(?:of = "[0-9a-f]*"\n)?', re.M)


def page_of(name: str, root: Path = ROOT) -> str:
    """The page of that name, or the chapter of that number: "6", "06", "using"."""
    return name if name in PAGES else f"chapters/{find(name, root).stem}"


def stamp(root: Path, page: str, cells: list[str]) -> None:
    """Note of these cells, and of no others, that the Chinese is that of the English.

    Raises:
        ValueError: a cell is not one of the page, or has no Chinese.
    """
    path, sources = root / f"zh/{page}.md", english(root, page)
    text = path.read_text(encoding="utf-8")
    for cell in cells:
        if cell not in sources or cell not in parts(text):
            known = ", ".join(sources)
            raise ValueError(f"{cell=} has no Chinese in {path}; the cells: {known}")
        line = re.compile(rf"^<!-- {re.escape(cell)}(?: [^\n]*)? -->\n", re.M)
        text = line.sub(f"<!-- {cell} {mark(sources[cell])} -->\n", text)
    path.write_text(text, encoding="utf-8")


def stamp_claims(root: Path, ids: list[str]) -> None:
    """The same for claims, by their ids.

    Raises:
        ValueError: an id is no claim of the ledger.
    """
    path, known = root / "src/allyouneed/zh/claims.toml", claims(root)
    if unknown := set(ids) - known.keys():
        raise ValueError(f"no claims of the ledger: {', '.join(sorted(unknown))}")

    def stamped(match: re.Match[str]) -> str:
        if match[1] not in ids:
            return match[0]
        return f'[{match[1]}]\nof = "{claim_mark(known[match[1]])}"\n'

    text = CLAIM.sub(stamped, path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")


def stale(root: Path, page: str) -> Iterator[tuple[str, str]]:
    """The cells that changed since they were translated, with the old hash."""
    path = root / f"zh/{page}.md"
    said = parts(path.read_text(encoding="utf-8")) if path.exists() else {}
    for cell, source in english(root, page).items():
        if cell in said and said[cell].made_from != mark(source):
            yield cell, said[cell].made_from


def earlier(root: Path, page: str, cell: str, wanted: str) -> str:
    """The English of a cell when it had this hash; empty if git knows none."""
    notebook = (root / f"{page}.ipynb").exists()
    name = f"{page}.ipynb" if notebook else f"{page}.md"
    for commit in git(root, "log", "--format=%H", "--", name).split():
        text = git(root, "show", f"{commit}:{name}")
        cells = nbformat.reads(text, as_version=4).cells if notebook else []
        found = [c.source for c in cells if c.id == cell] if notebook else [text]
        if found and mark(found[0]) == wanted:
            return str(found[0])
    return ""


def git(root: Path, *arguments: str) -> str:
    """What git says."""
    command = ["git", *arguments]
    result = subprocess.run(
        command, cwd=root, capture_output=True, text=True, check=True
    )
    return result.stdout


def show_changes(root: Path, page: str) -> Iterator[str]:
    """Each stale cell: what changed word by word, and its present Chinese."""
    said = parts((root / f"zh/{page}.md").read_text(encoding="utf-8"))
    for cell, old in stale(root, page):
        before = earlier(root, page, cell, old).split()
        after = english(root, page)[cell].split()
        yield f"\n=== {page} {cell}"
        yield from word_changes(before, after)
        yield f"--- 现在的中文\n{said[cell].chinese}"


def word_changes(before: list[str], after: list[str]) -> Iterator[str]:
    """The stretches that differ, with a few words around."""
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, i, k, m, n in matcher.get_opcodes():
        if tag != "equal":
            around = " ".join(before[max(0, i - 4) : i])
            gone, new = " ".join(before[i:k]), " ".join(after[m:n])
            yield f"... {around} [-{gone}-] {{+{new}+}}"


def owe(root: Path, page: str, today: datetime.date) -> list[str]:
    """Mark stale cells as owed from today on: readers are told, the check is green."""
    path = root / f"zh/{page}.md"
    cells = {cell for cell, _ in stale(root, page)}

    def owed(match: re.Match[str]) -> str:
        if match[1] not in cells or match[3]:
            return match[0]
        return f"<!-- {match[1]} {match[2]} later {today.isoformat()} -->\n"

    path.write_text(PART.sub(owed, path.read_text(encoding="utf-8")), encoding="utf-8")
    return sorted(cells)


def skeleton(root: Path, page: str) -> Path:
    """A file to write the Chinese over: every cell's line, its English in a comment."""
    path = root / f"zh/{page}.md"
    if path.exists():
        raise ValueError(f"{path} is there: 'make zh-diff' shows what has changed")
    cells = (
        f"<!-- {cell} {mark(source)} -->\n" + re.sub("^", "> EN ", source, flags=re.M)
        for cell, source in english(root, page).items()
    )
    path.write_text("\n\n".join(cells) + "\n", encoding="utf-8")
    words = root / f"src/allyouneed/zh/{Path(page).name}.toml"
    if not words.exists() and page not in PAGES:
        _, found = woven(root, page, [])
        words.write_text("\n".join(wanted(list(found.missing))), encoding="utf-8")
    return path


def wanted(missing: list[str]) -> Iterator[str]:
    """Lines of a table for the sentences of outputs that have no Chinese."""
    yield "# What the outputs say: English = Chinese, numbers as {}.\n[words]"
    for sentence in missing:
        key = sentence.replace("\\", "\\\\").replace('"', '\\"')
        yield f'"{key}" = ""'
    yield "\n[kept]\n# Data and names that stay as they are.\nlabels = [\n]\n"


def notebooks(root: Path, out: Path) -> None:
    """Write the translated chapters alone: the branch that Colab opens."""
    shutil.rmtree(out, ignore_errors=True)
    (out / "chapters").mkdir(parents=True)
    (out / "README.md").write_text(BRANCH, encoding="utf-8")
    here = translated_pages(root)
    for page in here:
        if (root / f"{page}.ipynb").exists():
            notebook, _ = woven(root, page, here)
            guard = next(cell for cell in notebook.cells if cell.cell_type == "code")
            guard.source += SPEAK.format(name=Path(page).name)
            nbformat.write(notebook, out / f"{page}.ipynb")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("weave", help="write the source tree into _build/zh")
    commands.add_parser("notebooks", help="write what Colab opens")
    check = commands.add_parser("check", help="say what is missing or wrong")
    check.add_argument("--days", type=int, help="how long a translation may be owed")
    for name in ("diff", "later", "new", "missing"):
        commands.add_parser(name).add_argument("page")
    stamps = commands.add_parser(
        "stamp", help="a page and its cells, or claims and ids"
    )
    stamps.add_argument("page")
    stamps.add_argument("cells", nargs="+")
    arguments = parser.parse_args()
    try:
        run(arguments)
    except ValueError as problem:
        sys.exit(str(problem))


def run(arguments: argparse.Namespace) -> None:
    """Do what was asked for."""
    match arguments.command:
        case "weave":
            weave(ROOT, ROOT / "_build/zh")
        case "notebooks":
            notebooks(ROOT, ROOT / "_build/notebooks")
        case "check":
            found = list(all_faults(ROOT, days=arguments.days))
            sys.exit("\n".join([*found, f"{len(found)} faults"]) if found else 0)
        case "stamp" if arguments.page == "claims":
            stamp_claims(ROOT, arguments.cells)
        case "stamp":
            stamp(ROOT, page_of(arguments.page), arguments.cells)
        case "diff":
            print("\n".join(show_changes(ROOT, page_of(arguments.page))))
        case "later":
            today = datetime.datetime.now(tz=datetime.UTC).date()
            print("owed:", *owe(ROOT, page_of(arguments.page), today))
        case "new":
            print(skeleton(ROOT, page_of(arguments.page)))
        case "missing":
            words = woven(ROOT, page_of(arguments.page), [])[1]
            print("\n".join(wanted(list(words.missing))))


if __name__ == "__main__":
    main()
