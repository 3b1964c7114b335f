"""The Chinese edition's source tree: executed English notebooks with Chinese words.

Nothing is run: code and numbers are copied, prose comes from `zh/`, the sentences in
outputs from the tables in `src/allyouneed/zh`.
"""

import json
import re
import shutil
import tomllib
from collections.abc import Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode
from translated import PAGES, Part, english, headings, mark, parts

from allyouneed.book.language import Words, table
from allyouneed.book.spoken import translate_output

HAN = "\u3000-\u303f\u3400-\u9fff\uff00-\uffef“”"
# A line break between two Chinese characters would show as a gap; that of a heading and
# of the name of a fold ends it.
GAP = re.compile(rf"^(?![:#])(.*[{HAN}])\n(?=[{HAN}])", re.M)
LINK = re.compile(
    r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)#\s:]+\.(?:ipynb|md))(#[^)\s]*)?\)"
)
COPIED = ("_ext", "_static", "_templates")
FILES = ("references.bib", "src/allyouneed/records/attack.jsonl")
# Only the English edition holds the library's reference.
REFERENCE = (
    "autoapi.extension",
    "reference",
    "sphinx.ext.viewcode",
    "sphinx.ext.napoleon",
)
NOTED = ("doubt", "contradicts", "limits")  # of a claim, translated where it has them
OWED = (
    '<p class="owed">此段英文原文已更新，译文待补。'
    '<a href="{address}" hreflang="en">看英文原文</a></p>'
)


def translated_pages(root: Path) -> list[str]:
    """The pages of the table of contents that have a Chinese text, in its order."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    listed = (files(chapter) for part in toc["parts"] for chapter in part["chapters"])
    pages = [toc["root"], *chain.from_iterable(listed)]
    return [page for page in pages if (root / f"zh/{page}.md").exists()]


def files(chapter: dict[str, Any]) -> list[str]:
    """The pages of an entry of the table of contents: its own, then its sections'."""
    return [page["file"] for page in (chapter, *chapter.get("sections", ()))]


def weave(root: Path, out: Path) -> dict[str, Words]:
    """Write the source tree to `out`; the result has the words of each chapter."""
    shutil.rmtree(out, ignore_errors=True)
    (out / "chapters").mkdir(parents=True)
    for name in COPIED:
        shutil.copytree(
            root / name, out / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name in FILES:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / name, out / name)
    for name in ("words.toml", "words.js"):
        shutil.copy(root / "zh" / name, out / name)
    shutil.copytree(root / "zh/locale", out / "locale")
    for style in (root / "zh").glob("*.css"):
        shutil.copy(style, out / "_static" / style.name)
    shutil.copy(root / "zh/live.js", out / "_static/live-words.js")
    here = translated_pages(root)
    write_config(root, out, here)
    write_claims(root, out)
    write_headings(root, out, here)
    for page in PAGES:
        (out / f"{page}.md").write_text(woven_page(root, page, here), encoding="utf-8")
    used = {}
    for path in sorted((root / "chapters").glob("*.ipynb")):
        notebook, words = woven(root, f"chapters/{path.stem}", here)
        nbformat.write(notebook, out / "chapters" / path.name)
        used[f"chapters/{path.stem}"] = words
    return used


def woven(root: Path, page: str, here: list[str]) -> tuple[NotebookNode, Words]:
    """The notebook with Chinese prose, captions and outputs; its code is untouched."""
    notebook = nbformat.read(root / f"{page}.ipynb", as_version=4)
    file = root / f"zh/{page}.md"
    said = parts(file.read_text(encoding="utf-8")) if file.exists() else {}
    words = table(Path(page).name, root / "src/allyouneed/zh")
    section = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            section = ([title for _, title in headings(cell.source)] or [section])[-1]
            if cell.id in said:
                cell.source = prose(said[cell.id], page, section, here)
        shown = cell.metadata.get("mystnb", {})
        for home, name in (
            (shown, "code_prompt_show"),
            (shown.get("figure", {}), "caption"),
        ):
            if name in home:
                home[name] = words.say(home[name])
        for output in cell.get("outputs", []):
            translate_output(output.get("data", {}), words)
    return notebook, words


def prose(part: Part, page: str, section: str, here: list[str]) -> str:
    """The Chinese of a cell as the site reads it."""
    text = linked(GAP.sub(r"\1", part.chinese), page, here)
    if not part.later:
        return text
    address = f"{'../' * (page.count('/') + 1)}{page}.html#{anchor(section)}"
    banner = OWED.format(address=address)
    first, _, rest = text.partition("\n")
    heading = first.startswith("#")
    return f"{first}\n\n{banner}\n\n{rest}" if heading else f"{banner}\n\n{text}"


def anchor(title: str) -> str:
    """The id that docutils gives to an English heading."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def linked(text: str, page: str, here: list[str]) -> str:
    """The text with links to what has no Chinese yet going to the English pages."""

    def link(match: re.Match[str]) -> str:
        path = Path(page).parent / match[2]
        target = path.with_suffix("").as_posix()
        if target in here or target in PAGES:
            return match[0]
        up = "../" * (page.count("/") + 1)
        return (
            f'<a href="{up}{target}.html{match[3] or ""}" hreflang="en">{match[1]}</a>'
        )

    return LINK.sub(link, text)


def woven_page(root: Path, page: str, here: list[str]) -> str:
    """A page of Markdown, without the line that says what it was made from."""
    said = parts((root / f"zh/{page}.md").read_text(encoding="utf-8"))
    return linked(said["page"].chinese, page, here) + "\n"


def write_headings(root: Path, out: Path, here: list[str]) -> None:
    """Note the English headings: both editions have the same addresses."""
    found = {
        page: [
            title
            for text in english(root, page).values()
            for _, title in headings(text)
        ]
        for page in here
    }
    (out / "headings.json").write_text(json.dumps(found), encoding="utf-8")


def read(path: Path) -> Any:
    """The content of a YAML file."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def write_config(root: Path, out: Path, here: list[str]) -> None:
    """Write configuration and contents: the English ones with ours over them."""
    config = merged(read(root / "_config.yml"), read(root / "zh/config.yml"))
    config["html"]["baseurl"] = config["html"]["baseurl"].rstrip("/") + "/zh"
    sphinx = config["sphinx"]
    wanted = sphinx["config"]["extensions"]
    sphinx["config"]["extensions"] = [name for name in wanted if name not in REFERENCE]
    del sphinx["local_extensions"]["reference"]
    for key in [*sphinx["config"]]:
        if key.startswith(("autoapi", "autodoc", "viewcode", "napoleon")):
            del sphinx["config"][key]
    toc = contents(read(root / "_toc.yml"), read(root / "zh/toc.yml"), here)
    for name, content in (("_config.yml", config), ("_toc.yml", toc)):
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (out / name).write_text(text, encoding="utf-8")


def contents(
    toc: dict[str, Any], captions: dict[str, str], here: list[str]
) -> dict[str, Any]:
    """The table of contents with Chinese captions, of what there is in Chinese.

    Sections come up to the chapters: what they stand below may be English only.
    """
    made = []
    for part in toc["parts"]:
        pages = chain.from_iterable(map(files, part["chapters"]))
        kept = [{"file": page} for page in pages if page in here]
        if kept:
            made.append(
                {**part, "caption": captions[part["caption"]], "chapters": kept}
            )
    return {**toc, "parts": made}


def merged(base: Any, over: Any) -> Any:
    """Two configurations, the second one's values over the first one's."""
    if not (isinstance(base, dict) and isinstance(over, dict)):
        return over
    return base | {key: merged(base.get(key), value) for key, value in over.items()}


def write_claims(root: Path, out: Path) -> None:
    """Write the ledger's file with Chinese claims, reasons and chapter titles."""
    home = root / "src/allyouneed"
    ledger = tomllib.loads((home / "claims.toml").read_text(encoding="utf-8"))
    said = tomllib.loads((home / "zh/claims.toml").read_text(encoding="utf-8"))
    words = tomllib.loads((root / "zh/words.toml").read_text(encoding="utf-8"))
    for chapter in ledger["chapter"]:
        chapter["title"] = words["chapters"][chapter["slug"]]
    for claim in ledger["claim"]:
        ours = said.get(claim["id"], {})
        claim |= {
            "en": ours.get("said", claim["en"]),
            "why": ours.get("why", claim["why"]),
        }
        claim |= {key: ours[key] for key in NOTED if key in ours and key in claim}
    text = "\n".join(
        f"[[{kind}]]\n"
        + "".join(
            f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in row.items()
        )
        for kind in ("chapter", "claim")
        for row in ledger[kind]
    )
    (out / "src/allyouneed/claims.toml").write_text(text, encoding="utf-8")


def claims(root: Path) -> dict[str, dict[str, str]]:
    """The English claims, by id."""
    text = (root / "src/allyouneed/claims.toml").read_text(encoding="utf-8")
    return {claim["id"]: claim for claim in tomllib.loads(text)["claim"]}


def claim_mark(claim: Mapping[str, str]) -> str:
    """The hash of what is translated of a claim."""
    return mark("\n".join(claim.get(key, "") for key in ("en", "why", *NOTED)))
