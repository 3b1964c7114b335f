"""Build the `help` corpus, LibreOffice's help in three languages, from Debian packages.

`python tools/build_help.py` needs Debian 12 with its package lists, and no rights. It
gives the same bytes each time; NOTICE.md beside them tells what was changed.
"""

import hashlib
import lzma
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from allyouneed.ground.plain_text import tidy

OUTPUT = Path(__file__).parents[1] / "src/allyouneed/corpora/help.tsv.xz"
VERSION = "7.4.7"
FOLDERS = {"en-us": "en-US", "de": "de", "zh-cn": "zh-CN"}
HEADER = f"""\
# Sentences extracted from LibreOffice help {VERSION},
# Copyright 2000, 2010 Oracle and/or its affiliates;
# 2000, 2010 LibreOffice contributors and/or their affiliates;
# modified: split, filtered, tab-separated.
# This Source Code Form is subject to the terms of the Mozilla Public License, v. 2.0.
# If a copy of the MPL was not distributed with this file, You can obtain one at
# https://mozilla.org/MPL/2.0/. Some files of the help incorporate work licensed under
# the Apache License, Version 2.0: https://www.apache.org/licenses/LICENSE-2.0
"""

BLOCKS = {"div", "dl", "dt", "dd", "footer", "h", "h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS |= {"li", "ol", "p", "pre", "table", "td", "th", "tr", "ul"}
UNUSABLE = {"code", "img", "input", "keycode", "literal", "sub", "sup", "variant"}
CODE = re.compile(r"[{}<>\\=_|#$^~@*\[\]]|\.\.|://|\w\(\)|\b[a-z]+[A-Z]")
PLAIN = str.maketrans("。：？！，；", ".:?!,;")
HAN = re.compile(r"[㐀-鿿]")
SHORT = re.compile(r"[^\W\d_]+(?:(?:, |[ '-])[^\W\d_]+){2,13}\.")
SHORT_HAN = re.compile(r"[㐀-鿿，、。「」]+")


def ends(abbreviations: str) -> str:
    """Pattern of a sentence's last mark that does not belong to an abbreviation."""
    words = (rf"(?<!\b{re.escape(word)})" for word in abbreviations.split())
    return "".join(words) + r"[.!?][\"”“')]*\s+"


SENTENCE_ENDS = [
    re.compile(ends("e.g i.e etc vs No approx") + r"(?=[\"“'(]?[A-Z0-9])|\n"),
    re.compile(
        r"(?<!\d)"
        + ends("z B d h u a ca bzw bspw usw Nr evtl ggf Abb inkl vgl max min Mio Mrd")
        + r"(?=[\"„“'(]?[A-ZÄÖÜ0-9])|\n"
    ),
    re.compile(r"[。！？]+[”\"」』）)]*\s*|[.!?]\s+(?=[A-Z㐀-鿿「“\"])|\n"),
]

Triple = tuple[str, ...]


class Block(NamedTuple):
    """A stretch of a page between two block tags: its tag, its text, what is inline."""

    tag: str
    text: str
    inline: Counter[str]


class Page(HTMLParser):
    """Reads the blocks of a help page's text; menus and footers are left out."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self.inside = False
        self.spans: list[str] = []
        self.start("")

    def start(self, tag: str) -> None:
        """Begin a block; spans open already are around it and not in it."""
        self.tag, self.text, self.around = tag, "", len(self.spans)
        self.inline: Counter[str] = Counter()

    def finish(self, following: str = "") -> None:
        """End the block, and begin the next."""
        if self.tag or self.text.strip():
            self.blocks.append(Block(self.tag, self.text, self.inline))
        self.start(following)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Of wording that differs by system, keep what is for any but a Mac."""
        found = {name: value or "" for name, value in attrs}
        name, kind = found.get("id", ""), found.get("class", tag)
        self.inside = (self.inside or name == "DisplayArea") and name != "SearchFrame"
        if not self.inside:
            return
        if "hidden" in found and kind != "MAC":
            kind = "default" if name.startswith("defaul") else "variant"
        if tag in BLOCKS:
            self.finish(f"{tag} {kind}")
        elif tag == "br":
            self.text += "\n"
        else:
            self.inline["img" if tag == "img" else kind] += 1
        if tag == "span":
            self.spans.append(kind)

    def handle_endtag(self, tag: str) -> None:
        """Close what the start opened."""
        if self.inside and tag in BLOCKS:
            self.finish()
        elif self.inside and tag == "span":
            self.spans.pop()

    def handle_data(self, data: str) -> None:
        """Add text; a line break of the file is no more than a blank."""
        if self.inside and "MAC" not in self.spans[self.around :]:
            self.text += re.sub(r"\s+", " ", data)


def fetch(folder: Path) -> list[Path]:
    """Download and unpack the three packages; the folders with their pages."""
    packages = [f"libreoffice-help-{name}" for name in FOLDERS]
    own = ["-o", "APT::Sandbox::User="]  # another user could not write to our folder
    subprocess.run(["apt-get", "download", *own, *packages], cwd=folder, check=True)
    for archive in sorted(folder.glob("*.deb")):
        if f"%3a{VERSION}-" not in archive.name:
            sys.exit(f"{archive.name} is not version {VERSION}: use Debian 12")
        subprocess.run(["dpkg-deb", "-x", archive, folder], check=True)
    base = folder / "usr/share/libreoffice/help"
    return [base / name / "text" for name in FOLDERS.values()]


def blocks(path: Path) -> list[Block]:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page.blocks


def aligned_texts(roots: list[Path]) -> Iterator[Triple]:
    """Texts of the same block in all languages, from pages built of the same blocks."""
    for path in sorted(roots[0].rglob("*.html")):
        pages = [blocks(root / path.relative_to(roots[0])) for root in roots]
        if len({tuple(block.tag for block in page) for page in pages}) > 1:
            continue
        for row in zip(*pages, strict=True):
            inline = row[0].inline
            same = all(block.inline == inline for block in row)
            if same and not UNUSABLE & set(inline) and "code" not in row[0].tag:
                yield tuple(block.text for block in row)


def aligned_sentences(texts: Iterable[Triple]) -> Iterator[Triple]:
    """Sentences of texts that have equally many in all languages."""
    for row in texts:
        columns = [
            [closed_up(s) for s in pattern.sub(r"\g<0>\n", x).split("\n") if s.strip()]
            for pattern, x in zip(SENTENCE_ENDS, row, strict=True)
        ]
        if len({len(column) for column in columns}) == 1:
            yield from zip(*columns, strict=True)


def closed_up(sentence: str) -> str:
    """`tidy`, and without the blanks that tags leave before a comma or full stop."""
    return re.sub(r"\s+([.,;])(?=\s|$)", r"\1", tidy(sentence))


def last_mark(sentence: str) -> str:
    mark = sentence.rstrip("\"”“')」）』")[-1:].translate(PLAIN)
    return "" if mark.isalnum() else mark


def closed(sentence: str) -> bool:
    """Whether brackets and quotes come in pairs."""
    pairs = all(
        sentence.count(a) == sentence.count(b) for a, b in ("()", "（）", "「」")
    )
    return pairs and all(len(re.findall(q, sentence)) % 2 == 0 for q in ('"', "[“”„]"))


def clean(row: Triple) -> bool:
    """Whether all three are translations of each other, as far as rules can tell."""
    en, de, zh = row
    width = len(zh) + 2 * len(HAN.findall(zh))
    return (
        len(re.findall(r"[^\W\d_]+", en)) > 1
        and en != de
        and len(HAN.findall(zh)) >= 0.5 * len(re.findall("[A-Za-z]", zh))
        and len({tuple(sorted(re.findall(r"\d", s))) for s in row}) == 1
        and last_mark(en) == last_mark(de) == last_mark(zh)
        and last_mark(en) not in [*",;-–/"]
        and all(closed(s) and not CODE.search(s) for s in row)
        and 0.5 < (len(de) + 5) / (len(en) + 5) < 2.5
        and 0.4 < (width + 5) / (len(en) + 5) < 2
    )


def short(row: Triple) -> bool:
    """Whether it is one plain sentence of 3 to 14 words: no menus, numbers, quotes."""
    chinese = row[2].replace("LibreOffice", "").replace(" ", "")
    latin = SHORT.fullmatch(row[0]) and SHORT.fullmatch(row[1])
    return bool(latin and row[0][0].isupper() and SHORT_HAN.fullmatch(chinese))


def key(english: str) -> str:
    """Letters and digits only: what differs in nothing else counts as the same."""
    return re.sub(r"\W", "", english.casefold())


def split(english: str) -> str:
    """Where a sentence belongs; those that differ only in a number go together."""
    digest = hashlib.sha256(re.sub(r"\d+", "0", key(english)).encode()).digest()
    return {0: "valid", 1: "test"}.get(digest[0] % 20, "train")


def corpus(roots: list[Path]) -> list[str]:
    """Lines of the file: split, length, English, German, Chinese."""
    seen = Counter(filter(clean, aligned_sentences(aligned_texts(roots))))
    usual: dict[str, Triple] = {}
    for row, _ in seen.most_common():
        usual.setdefault(key(row[0]), row)
    rows = [row for row in seen if usual[key(row[0])] == row]
    homes: dict[str, set[str]] = {}
    for row in rows:
        for sentence in row:
            homes.setdefault(sentence, set()).add(split(row[0]))
    return [
        "\t".join([split(row[0]), "short" if short(row) else "long", *row])
        for row in rows
        if split(row[0]) == "train" or all(len(homes[s]) == 1 for s in row)
    ]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        lines = corpus(fetch(Path(folder)))
    content = (HEADER + "\n".join(lines) + "\n").encode()
    OUTPUT.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))
    counts = Counter(tuple(line.split("\t")[:2]) for line in lines)
    print(f"{OUTPUT.name}: {OUTPUT.stat().st_size} bytes, {len(lines)} lines, {counts}")


if __name__ == "__main__":
    main()
