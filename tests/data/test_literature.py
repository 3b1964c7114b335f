"""The texts to model are whole, plain, and share nothing between their parts."""

import hashlib
import lzma
import re
import struct
from collections import Counter
from pathlib import Path

import build_literature as tool
import pytest
import torch

from allyouneed.data import literature
from allyouneed.data.literature import windows

LICENCES = Path(__file__).parents[2] / "LICENSES"
# Of the unpacked files, as the tool prints them.
SHA256 = {
    "austen.tsv.xz": "5299ff2516726effa091a475c29f543351e9eb9703869753718e5c5880cc77b1",
    "quatrains.tsv.xz": (
        "fc7df3027dfbc5c77fa27687f74c83d6b9c9d4e3e901b6e21bec2bc370829ee2"
    ),
}


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"[a-z]+", text.lower()))


@pytest.mark.parametrize("name", literature.FILES.values())
def test_the_files_are_those_the_tool_made(name: str) -> None:
    content = lzma.decompress((literature.CORPORA / name).read_bytes())
    assert hashlib.sha256(content).hexdigest() == SHA256[name]
    assert content.decode().startswith(tool.HEADERS[name.split(".")[0]])


def test_each_part_is_a_novel_of_its_own() -> None:
    text = literature.load("en")
    heroines = {"train": ("Elizabeth", "Anne"), "valid": ("Catherine",)}
    heroines["test"] = ("Elinor", "Marianne")
    for part, names in heroines.items():
        lower = words(getattr(text, part))
        assert all(lower[name.lower()] > 100 for name in names)
    assert words(text.train)["morland"] == words(text.train)["dashwood"] == 0
    assert text.train.startswith("It is a truth universally acknowledged,")
    assert text.valid.startswith("No one who had ever seen Catherine Morland")
    assert text.test.startswith("The family of Dashwood")
    assert text.test.endswith("\n")


def test_english_is_plain_prose() -> None:
    text = literature.load("en")
    for part in (text.train, text.valid, text.test):
        assert part.isascii()
        assert not re.search(r"_|\t|\r|  |(?i:\nchapter \d|\nvolume )|THE END", part)
        assert "\n\n" not in part


def test_poems_are_regular_and_share_no_line() -> None:
    text = literature.load("zh")
    seen: Counter[str] = Counter()
    for part in ("train", "valid", "test"):
        poems = getattr(text, part).splitlines()
        assert all(tool.QUATRAIN.fullmatch(poem) for poem in poems)
        assert all(tool.split(poem) == part for poem in poems)
        seen.update(line for poem in poems for line in re.findall(r"\w+", poem))
    assert max(seen.values()) == 1
    assert not set("國風來無") & set("".join(seen))  # frequent ones in traditional form


def test_poems_that_repeat_a_line_are_left_out() -> None:
    first = "春眠不觉晓，处处闻啼鸟。夜来风雨声，花落知多少。"
    variant = "春眠不觉晓，处处有啼鸟。昨来风雨多，落花知几许。"
    longer = "两个黄鹂鸣翠柳，一行白鹭上青天。窗含西岭千秋雪，门泊东吴万里船。"
    broken = "白日依山尽，黄河入海流。欲穷千里目，更上一层。"
    kept = [poem for _, poem in tool.poems([first, variant, broken, longer, longer])]
    assert kept == [first, longer]


def test_chapters_become_paragraphs() -> None:
    lines = ["by", "", "Chapter 1", "", "One _fine_", " day.", "", "* * *", ""]
    lines += ["CHAPTER 2", "", "Two.", "", "THE END", ""]
    assert list(tool.paragraphs(lines, 2)) == ["One fine day.", "Two."]
    assert list(tool.paragraphs(lines, 1)) == ["One fine day."]


def test_strings_are_read_from_what_r_writes() -> None:
    head = b"X\n" + struct.pack(">IIII", 3, 0x40201, 0x30500, 5) + b"UTF-8"
    body = b"".join(
        struct.pack(">II", 0x40009, len(word.encode())) + word.encode()
        for word in ("It", "", "naïve")
    )
    whole = head + struct.pack(">II", 16, 3) + body
    assert list(tool.strings(whole)) == ["It", "", "naïve"]
    with pytest.raises(SystemExit, match="no vector of strings"):
        list(tool.strings(head + struct.pack(">II", 13, 3) + body))


def test_another_package_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "chinese-poetry-2.0.1.tgz"
    path.write_bytes(b"not this one")
    with pytest.raises(SystemExit, match="another edition"):
        tool.verified(path)


@pytest.mark.parametrize(("language", "owner"), [("en", "Silge"), ("zh", "JackeyGao")])
def test_the_notice_names_origin_and_licence(language: str, owner: str) -> None:
    notice = literature.load(language).notice
    for fact in ("public domain", "MIT", owner):
        assert fact in notice
    licence = (LICENCES / "MIT.txt").read_text(encoding="utf-8")
    assert owner in licence


def test_a_language_without_a_text() -> None:
    with pytest.raises(ValueError, match=r"language='de'.* take en or zh"):
        literature.load("de")


def test_a_damaged_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(literature, "CORPORA", tmp_path)
    with pytest.raises(ValueError, match="missing or damaged"):
        literature.load("en")
    (tmp_path / "austen.tsv.xz").write_bytes(b"?")
    with pytest.raises(ValueError, match="install allyouneed again"):
        literature.load("en")


def short(train: str, valid: str = "", test: str = "") -> literature.Text:
    return literature.Text(train=train, valid=valid, test=test, notice="")


def test_characters_are_numbered_as_they_sort_and_rare_ones_are_one() -> None:
    parts, vocab = literature.numbered(short("abacab", "cad", "b"))
    assert parts["train"].tolist() == [1, 2, 1, 3, 1, 2]
    assert parts["valid"].tolist() == [3, 1, 0]
    assert vocab == 4
    parts, vocab = literature.numbered(short("abacab", "cad", "b"), least=2)
    assert parts["train"].tolist() == [1, 2, 1, 0, 1, 2]
    assert parts["test"].tolist() == [2]
    assert vocab == 3


def test_numbers_give_the_novel_back() -> None:
    novel = literature.load("en")
    parts, vocab = literature.numbered(novel)
    characters = ["?", *sorted(set(novel.train))]
    assert len(characters) == vocab
    assert "".join(characters[i] for i in parts["train"]) == novel.train


def test_windows_are_of_all_places_and_y_is_what_follows_x() -> None:
    ids = torch.arange(10)
    x, y = windows(ids, 500, 4, generator=torch.Generator().manual_seed(0))
    assert x.shape == y.shape == (500, 4)
    assert torch.equal(x + 1, y)
    assert set(x[:, 0].tolist()) == set(range(6))
    assert torch.equal(x, x[:, :1] + torch.arange(4))
    again = windows(ids, 500, 4, generator=torch.Generator().manual_seed(0))
    assert torch.equal(x, again[0])


def test_a_text_shorter_than_a_window_is_refused() -> None:
    with pytest.raises(ValueError, match="length=10: the text has 10 characters"):
        windows(torch.arange(10), 1, 10)


def test_a_file_that_is_no_text_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(literature, "CORPORA", tmp_path)
    (tmp_path / "austen.tsv.xz").write_bytes(lzma.compress(b"train\tcaf\xe9\n"))
    with pytest.raises(ValueError, match=r"austen\.tsv\.xz, line 1: no text in UTF-8"):
        literature.load("en")
