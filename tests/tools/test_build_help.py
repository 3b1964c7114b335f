"""The tool behind the corpus `help`: what it keeps of pages written for the purpose."""

import lzma
from collections import Counter
from pathlib import Path

import build_help as tool
import pytest

from allyouneed.data import corpora

Texts = tuple[str, str, str]


def kept(folder: Path, *pages: Texts) -> list[Texts]:
    """Sentences the tool makes of pages in three languages, given as their bodies."""
    roots = [folder / language for language in ("en", "de", "zh")]
    for root, bodies in zip(roots, zip(*pages, strict=True), strict=True):
        root.mkdir()
        for number, body in enumerate(bodies):
            (root / f"{number}.html").write_text(
                f"<p>Menu of it all.</p><div id='DisplayArea'>{body}</div>"
                "<div id='SearchFrame'></div><p>Footer of it all.</p>",
                encoding="utf-8",
            )
    rows = (line.split("\t")[2:] for line in tool.corpus(roots))
    return [(english, german, chinese) for english, german, chinese in rows]


DOG = ("The dog runs.", "Der Hund läuft.", "狗跑了。")
CAT = ("The cat sleeps.", "Die Katze schläft.", "猫睡着了。")


def around(before: str, texts: Texts, after: str) -> Texts:
    return tuple(f"{before}{text}{after}" for text in texts)


def both(*texts: Texts) -> Texts:
    return tuple(" ".join(side) for side in zip(*texts, strict=True))


def test_blocks_are_split_into_sentences(tmp_path: Path) -> None:
    page = around("<ul><li><p>", both(DOG, CAT), "</p></li></ul>")
    assert kept(tmp_path, page) == [DOG, CAT]


@pytest.mark.parametrize("end", [" <b>now</b>", "\n now", "\u00a0now", " n\u00adow"])
def test_blanks_become_plain(tmp_path: Path, end: str) -> None:
    page = [f"<p>{text[:-1]}{end} {text[-1]}</p>" for text in DOG]
    english = kept(tmp_path, tuple(page))[0][0]
    assert english == "The dog runs now."


def test_wording_for_a_mac_is_left_out(tmp_path: Path) -> None:
    for_mac = '<span hidden id="MAC1" class="MAC"><span>Mac</span></span>'
    for_all = '<span hidden id="default1">PC</span>'
    page = around(f"<p>{for_mac}{for_all}: ", DOG, "</p>")
    assert kept(tmp_path, page)[0][0] == "PC: The dog runs."


@pytest.mark.parametrize(
    "inline",
    [
        "<img src='a.png'>",
        "<span class='literal'>x</span>",
        "<span class='keycode'>F1</span>",
        "<span hidden id='WRITER1' class='WRITER'>x</span>",
    ],
)
def test_a_block_with_more_than_words_is_left_out(tmp_path: Path, inline: str) -> None:
    pages = [around(f"<p>{inline}", DOG, "</p>"), around("<p>", CAT, "</p>")]
    assert kept(tmp_path, *pages) == [CAT]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (("The dogs <b>run</b>.", "Hunde laufen.", "狗跑。"), "other tags inline"),
        (("<p>The dogs run.</p>", "Hunde laufen.", "狗跑。"), "other blocks"),
        (
            ("It runs. It sits.", "Es läuft, es sitzt.", "它跑。它坐。"),
            "fewer sentences",
        ),
        (("It costs 5 coins.", "Es kostet 6 Taler.", "它值5元。"), "other digits"),
        (("It runs home.", "Es läuft heim:", "它跑回家。"), "another last mark"),
        (("It (runs home.", "Es (läuft) heim.", "它(跑)回家。"), "an open bracket"),
        (("It runs home.", "It runs home.", "它跑回家。"), "not translated"),
        (("It runs home.", "Es läuft heim.", "It runs home."), "not translated"),
        (("It runs.", "Es läuft, so schnell es nur kann, heim.", "它跑。"), "too long"),
        (("Set a=1 here.", "Setze a=1 hier.", "设a=1。"), "code"),
        (("Dog", "Hund", "狗"), "a single word"),
        (("in the house,", "im Hause,", "在房子里，"), "a part of a sentence"),
    ],
)
def test_what_is_not_parallel_is_left_out(
    tmp_path: Path, wrong: Texts, why: str
) -> None:
    pages = [around("<p>", texts, "</p>") for texts in (wrong, CAT)]
    assert kept(tmp_path, *pages) == [CAT], why


def test_abbreviations_end_no_sentence(tmp_path: Path) -> None:
    texts = ("Pets, e.g. Dogs, run.", "Tiere, z. B. Hunde, laufen.", "宠物如狗会跑。")
    assert kept(tmp_path, around("<p>", texts, "</p>")) == [texts]


def test_the_usual_translation_stands_once(tmp_path: Path) -> None:
    odd = ("The Dog runs", "Ein Hund läuft", "犬跑")
    pages = [around("<p>", texts, "</p>") for texts in (odd, DOG, CAT, DOG)]
    assert kept(tmp_path, *pages) == [DOG, CAT]


def test_short_sentences_are_plain() -> None:
    assert tool.short(DOG)
    for english in (
        "A - B runs.",
        "The 2 run.",
        'The "dog" runs.',
        "the dog runs.",
        "Go.",
    ):
        assert not tool.short((english, *DOG[1:]))
    assert not tool.short((" ".join(["word"] * 15) + ".", *DOG[1:]))


def test_numbers_do_not_part_sentences() -> None:
    sentences = [f"This is page {n}." for n in range(100)]
    assert len({tool.split(sentence) for sentence in sentences}) == 1
    parts = Counter(
        tool.split(f"This is page {n:b}".replace("0", "x")) for n in range(4000)
    )
    assert 120 < parts["test"] < 280
    assert 120 < parts["valid"] < 280


def test_the_corpus_in_the_package_is_what_the_tool_makes() -> None:
    content = lzma.decompress(corpora.HELP.read_bytes()).decode()
    assert content.startswith(tool.HEADER)
    rows = [x.split("\t") for x in content.removeprefix(tool.HEADER).split("\n")[:-1]]
    for part, length, *texts in rows:
        assert part == tool.split(texts[0])
        assert (length == "short") == tool.short(tuple(texts))
        assert tool.clean(tuple(texts))
    assert len({tool.key(row[2]) for row in rows}) == len(rows)
