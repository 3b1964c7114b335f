"""Build the texts of `allyouneed.data.literature` from two packages, given as files.

`python tools/build_literature.py r-cran-janeaustenr_1.0.0-1_all.deb
chinese-poetry-2.0.1.tgz` takes Debian 12's package (`apt-get download`), the one of npm
(`npm pack chinese-poetry@2.0.1`), and `pip install
opencc-python-reimplemented==0.1.7`. It gives the same bytes each time; NOTICE.md beside
them tells what was changed.
"""

import hashlib
import io
import json
import lzma
import re
import struct
import subprocess
import sys
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

CORPORA = Path(__file__).parents[1] / "src/allyouneed/corpora"
SHA256 = {
    "r-cran-janeaustenr_1.0.0-1_all.deb": (
        "df6bddf211906d1ff404f8ff662c21b34e6660e7f54a311084e749050c019c95"
    ),
    "chinese-poetry-2.0.1.tgz": (
        "25b549e46919c3a0569db6b68ddc96956b04a484ea4518ad2bbd4f137e307e86"
    ),
}
BOOKS = "./usr/lib/R/site-library/janeaustenr/data/Rdata.rdb"
# Of each novel, by its first line: its part, and how many chapters are taken.
PARTS = {
    "PRIDE AND PREJUDICE": ("train", 61),
    "Persuasion": ("train", 24),
    "NORTHANGER ABBEY": ("valid", 15),  # the first of its two volumes
    "SENSE AND SENSIBILITY": ("test", 22),  # the first of its three volumes
}
HEADERS = {
    "austen": """\
# Novels by Jane Austen (1775-1817), in the public domain: Pride and Prejudice and
# Persuasion, train; Northanger Abbey, volume 1, valid; Sense and Sensibility,
# volume 1, test. Taken from janeaustenr 1.0.0, Copyright 2016-2017 Julia Silge, MIT
# License; modified: one paragraph a line, headings and marks of emphasis left out.
""",
    "quatrains": """\
# Quatrains of the Tang dynasty (618-907), in the public domain. Taken from
# chinese-poetry 2.0.1, Copyright 2016 JackeyGao, MIT License; modified: one poem a
# line, no titles, simplified characters by OpenCC 0.1.7, repeated lines left out.
""",
}
CLAUSES = [rf"(?:[㐀-鿿]{{{n}}}，[㐀-鿿]{{{n}}}。){{2}}" for n in (5, 7)]
QUATRAIN = re.compile("|".join(CLAUSES))
Row = tuple[str, str]  # train, valid or test; the line


def verified(path: Path) -> bytes:
    """Bytes of a package, if they are those that the corpora were made from."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256.get(path.name):
        sys.exit(f"{path} is none of {', '.join(SHA256)}, or another edition of it")
    return content


def objects(database: bytes) -> Iterator[bytes]:
    """R's objects from its database: each a length, then a zlib stream."""
    while database:
        stream = zlib.decompressobj()
        yield stream.decompress(database[4:])
        database = stream.unused_data


def strings(serialized: bytes) -> Iterator[str]:
    """A character vector from R's binary form, version 3."""
    (encoding,) = struct.unpack_from(">I", serialized, 14)
    kind, count = struct.unpack_from(">II", serialized, 18 + encoding)
    if serialized[:2] != b"X\n" or kind & 255 != 16:
        sys.exit("an object of the database is no vector of strings")
    place = 26 + encoding
    for _ in range(count):
        (size,) = struct.unpack_from(">I", serialized, place + 4)
        yield serialized[place + 8 : place + 8 + size].decode()
        place += 8 + size


def paragraphs(lines: list[str], chapters: int) -> Iterator[str]:
    """Paragraphs of a novel's first chapters, each on one line."""
    text = re.sub(r"\nTHE END\s*$", "", "\n".join(lines))
    heading = re.compile(r"^chapter \d+$", re.I | re.M)
    for chapter in heading.split(text)[1 : chapters + 1]:
        for paragraph in re.split(r"\n\s*\n", chapter):
            line = " ".join(paragraph.replace("_", "").split())
            if re.search(r"[A-Za-z]", line):
                yield line


def austen(package: bytes) -> list[Row]:
    command = ["dpkg-deb", "--fsys-tarfile", "-"]
    unpacked = subprocess.run(command, input=package, capture_output=True, check=True)
    with tarfile.open(fileobj=io.BytesIO(unpacked.stdout)) as archive:
        database = archive.extractfile(BOOKS)
        assert database
        books = [list(strings(book)) for book in objects(database.read())]
    novels = {title: lines for title, *lines in books}
    return [
        (part, line)
        for title, (part, chapters) in PARTS.items()
        for line in paragraphs(novels[title], chapters)
    ]


def split(poem: str) -> str:
    """Where a poem belongs: two in twenty are held out."""
    digest = hashlib.sha256(poem.encode()).digest()
    return {0: "valid", 1: "test"}.get(digest[0] % 20, "train")


def poems(texts: Iterable[str]) -> Iterator[Row]:
    """Regular quatrains none of whose four lines stood in an earlier one."""
    seen: set[str] = set()
    for text in texts:
        lines = set(re.findall(r"\w+", text))
        if QUATRAIN.fullmatch(text) and len(lines) == 4 and not lines & seen:
            seen |= lines
            yield split(text), text


def quatrains(package: bytes) -> list[Row]:
    from opencc import OpenCC  # only this tool needs it

    simplified = OpenCC("t2s").convert
    with tarfile.open(fileobj=io.BytesIO(package)) as archive:
        wanted = re.compile(r".*/quantangshi/poet\.tang\.(\d+)\.json")
        found = {int(m[1]): m[0] for m in map(wanted.match, archive.getnames()) if m}
        files = (archive.extractfile(found[number]) for number in sorted(found))
        texts = ["".join(p["paragraphs"]) for f in files if f for p in json.load(f)]
    return list(poems(simplified(t) for t in texts if QUATRAIN.fullmatch(t)))


def write(name: str, rows: list[Row]) -> None:
    lines = [f"{part}\t{line}\n" for part, line in rows]
    content = (HEADERS[name] + "".join(lines)).encode()
    output = CORPORA / f"{name}.tsv.xz"
    output.write_bytes(lzma.compress(content, preset=9 | lzma.PRESET_EXTREME))
    print(f"{output.name}: {output.stat().st_size} bytes, {len(rows)} lines, sha256")
    print(hashlib.sha256(content).hexdigest())


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    novels, poetry = (verified(Path(name)) for name in sys.argv[1:])
    write("austen", austen(novels))
    write("quatrains", quatrains(poetry))


if __name__ == "__main__":
    main()
