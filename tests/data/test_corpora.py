"""Corpora: what is in them, and what is said when one is not what it should be."""

import gzip
import hashlib
import lzma
import os
import re
from pathlib import Path

import pytest

from allyouneed.data import corpora, multi30k
from allyouneed.data.corpora import MissingCorpusError, load, load_or_help

HERE = Path(__file__).parents[3] / "shared/data"
CAPTIONS = Path(os.environ.get("ALLYOUNEED_DATA") or HERE).resolve()
needs_captions = pytest.mark.skipif(
    not any((CAPTIONS / x / "train.de.gz").exists() for x in ("", "multi30k")),
    reason="ALLYOUNEED_DATA names no folder with Multi30k",
)
LINES = {
    "en": ["A dog runs.", ' Two\tmen "talk". ', "Someone.", "A\u00a0man\u2028sits."],
    "de": ["Ein Hund läuft.", "Zwei Männer „reden“.", "@@", "Ein Mann sitzt."],
    "fr": ["Un chien court.", "Deux hommes.", "Quelqu'un.", "Un homme."],
}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for the place on the network; nothing is on the machine."""
    folder = tmp_path / "server"
    folder.mkdir()
    known = {}
    for stem in ("train", "val", "test_2016_flickr"):
        for language in multi30k.LANGUAGES:
            content = gzip.compress("\n".join(LINES[language] + [""]).encode())
            (folder / f"{stem}.{language}.gz").write_bytes(content)
            known[f"{stem}.{language}"] = hashlib.sha256(content).hexdigest()
    monkeypatch.setattr(multi30k, "SHA256", known)
    monkeypatch.setattr(multi30k, "ADDRESS", folder.as_uri())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("ALLYOUNEED_DATA", raising=False)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.name: path.read_bytes() for path in found}


def known(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the folder's files be the right ones."""
    digests = {
        name.removesuffix(".gz"): hashlib.sha256(content).hexdigest()
        for name, content in files(folder).items()
    }
    monkeypatch.setattr(multi30k, "SHA256", digests)


@pytest.mark.parametrize("name", ["help", "help-short"])
def test_no_sentence_of_help_is_in_two_parts(name: str) -> None:
    for source, target in (("en", "de"), ("zh", "en")):
        corpus = load(name, source=source, target=target)
        parts = [corpus.train, corpus.valid, corpus.test]
        for side in (0, 1):
            plain = [
                {re.sub(r"\W", "", p[side]).lower() for p in part} for part in parts
            ]
            kept = [{p[side] for p in part} for part in parts]
            sets = plain if (source, side) == ("en", 0) else kept
            assert not sets[0] & sets[1] | sets[0] & sets[2] | sets[1] & sets[2]


def test_help_is_aligned_in_all_three_languages() -> None:
    german, chinese = load("help"), load("help", target="zh")
    direct = load("help", source="de", target="zh")
    for part in ("train", "valid", "test"):
        pairs = zip(getattr(german, part), getattr(chinese, part), strict=True)
        triples = [(en, de, zh) for (en, de), (same, zh) in pairs if en == same]
        assert getattr(direct, part) == [(de, zh) for _, de, zh in triples]
        for row in triples:
            assert len({tuple(sorted(re.findall(r"\d", side))) for side in row}) == 1
            assert all(side == " ".join(side.split()) != "" for side in row)
            assert re.search("[一-鿿]", row[2])
            assert row[0] != row[1]
    assert len(german.train) > 19_000
    assert len({en for en, _ in german.train}) == len(german.train)


def test_help_short_is_a_clean_part_of_help() -> None:
    short, whole = load("help-short"), load("help")
    for part in ("train", "valid", "test"):
        pairs = getattr(short, part)
        assert {*pairs} < {*getattr(whole, part)}
        for english, german in pairs:
            assert 3 <= len(english.split()) <= 14
            assert re.fullmatch(r"[^\W\d_][^\d\"():;–]+\.", english)
            assert german.endswith(".")
    assert len(short.train) > 5_800


def test_help_says_where_it_comes_from() -> None:
    notice = load("help").notice
    assert "LibreOffice help 7.4.7" in notice
    assert "Oracle and/or its affiliates" in notice
    assert "modified: split, filtered" in notice
    assert "Mozilla Public License" in notice


def test_a_damaged_help_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = corpora.HELP.read_bytes()
    monkeypatch.setattr(corpora, "HELP", tmp_path / "help.tsv.xz")
    with pytest.raises(ValueError, match=r"help\.tsv\.xz is missing .* install"):
        load("help")
    for content in (whole[:5000], whole[:5000] + b"?" + whole[5001:], b"", b"text"):
        corpora.HELP.write_bytes(content)
        with pytest.raises(ValueError, match=r"help\.tsv\.xz is missing or damaged"):
            load("help")
    assert corpora.HELP.read_bytes() == b"text"


def test_size_and_seed_choose_training_pairs_and_nothing_else() -> None:
    whole = load("help-short")
    small, large, other = (
        load("help-short", size=size, seed=seed)
        for size, seed in ((100, 1), (200, 1), (100, 2))
    )
    assert len({*small.train}) == 100
    assert small.train == large.train[:100]
    assert {*large.train} < {*whole.train}
    assert len({*small.train} & {*other.train}) < 20
    assert small.train == load("help-short", size=100, seed=1).train
    assert load("help-short", size=10**9).train != whole.train
    assert sorted(load("help-short", size=10**9).train) == sorted(whole.train)
    assert small.valid == other.valid == whole.valid
    assert small.test == other.test == whole.test


@pytest.mark.parametrize("target", ["de", "zh"])
def test_grammar(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "GRAMMAR_SIZES", (400, 50, 100))
    one, same, other = (
        load("grammar", target=target, size=300, seed=s) for s in (0, 0, 1)
    )
    assert one == same
    assert one.train != other.train
    assert (one.valid, one.test) == (other.valid, other.test)
    assert (len(one.train), len(one.valid), len(one.test)) == (300, 50, 100)
    assert not {en for en, _ in one.train + other.train} & {en for en, _ in one.test}
    back = load("grammar", source=target, target="en", size=300)
    held_out = {source for source, _ in back.valid + back.test}
    assert back.train == [(b, a) for a, b in one.train if b not in held_out]
    assert len(load("grammar", target=target).train) == 400


def test_what_chinese_says_alike_is_held_out_as_a_whole() -> None:
    """It has no tense where English has two: 34 of 1,000 would have been seen."""
    grammar = load("grammar", source="zh", target="en")
    learned = {source for source, _ in grammar.train}
    assert not learned & {source for source, _ in grammar.valid + grammar.test}
    assert len(grammar.train) > 0.99 * corpora.GRAMMAR_SIZES[0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "multi30"}, "name='multi30' .* take grammar, help, .* or multi30k"),
        ({"name": "help", "target": "fr"}, "target='fr' .* take en, de or zh"),
        ({"name": "multi30k", "source": "zh"}, "source='zh' .* take en, de or fr"),
        ({"name": "help", "target": "en"}, "source='en' and target='en'"),
        ({"name": "help", "size": 0}, "size=0 .* give 1"),
        ({"name": "grammar", "size": -1}, "size=-1"),
    ],
)
def test_arguments_are_checked(given: dict, message: str) -> None:
    for function in (load, load_or_help):
        with pytest.raises(ValueError, match=message):
            function(**given)


def test_lines_are_cleaned_and_never_cut(server: Path) -> None:
    corpus = load("multi30k")
    assert server.is_dir()
    assert corpus.train == [
        ("A dog runs.", "Ein Hund läuft."),
        ('Two men "talk".', "Zwei Männer „reden“."),
        ("A man sits.", "Ein Mann sitzt."),
    ]
    assert corpus.valid == corpus.test == corpus.train
    assert "research" in corpus.notice
    assert len(load("multi30k", target="fr").train) == 4


def test_what_is_fetched_once_is_kept(server: Path, tmp_path: Path) -> None:
    first = load("multi30k")
    kept = files(tmp_path / "cache/allyouneed/multi30k")
    there = files(server)
    assert kept == {name: there[name] for name in there if ".fr." not in name}
    for path in server.iterdir():
        path.unlink()
    assert load("multi30k") == first


@pytest.mark.parametrize("folder", ["", "multi30k"])
def test_a_folder_of_ones_own_comes_first(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setattr(multi30k, "ADDRESS", (tmp_path / "nowhere").as_uri())
    own = tmp_path / "own"
    (own / folder).mkdir(parents=True)
    server.rename(own / folder)
    monkeypatch.setenv("ALLYOUNEED_DATA", str(own))
    assert len(load("multi30k").train) == 3
    assert not (tmp_path / "cache").exists()


def test_a_wrong_file_is_refused_and_left_alone(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = multi30k.SHA256["train.de"]
    own = tmp_path / "own"
    own.mkdir()
    wrong = gzip.compress(b"Katze\n")
    got = hashlib.sha256(wrong).hexdigest()
    (own / "train.de.gz").write_bytes(wrong)
    monkeypatch.setenv("ALLYOUNEED_DATA", str(own))
    for function in (load, load_or_help):
        with pytest.raises(ValueError, match=f"train.de.gz has sha256 {got}") as caught:
            function("multi30k")
        assert f"expected {good}: put the file of" in str(caught.value)
    assert files(own) == {"train.de.gz": wrong}
    assert (server / "train.de.gz").exists()


def test_a_wrong_file_from_afar_is_not_kept(server: Path, tmp_path: Path) -> None:
    (server / "train.de.gz").write_bytes(b"not found")
    with pytest.raises(ValueError, match=r"server/train\.de\.gz has sha256"):
        load("multi30k")
    assert [*files(tmp_path / "cache")] == ["train.en.gz"]


def test_sides_of_different_length_are_refused(
    server: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (server / "val.de.gz").write_bytes(gzip.compress(b"Ein Hund.\n"))
    known(server, monkeypatch)
    with pytest.raises(ValueError, match=r"val\.en\.gz has 4 lines and val\.de\.gz 1:"):
        load("multi30k")


def test_absent_and_offline_says_what_to_do(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (server / "val.de.gz").unlink()
    monkeypatch.setenv("ALLYOUNEED_DATA", str(tmp_path / "own"))
    with pytest.raises(MissingCorpusError, match=r"val\.de\.gz is not in") as caught:
        load("multi30k")
    for part in (str(tmp_path / "own"), str(tmp_path / "cache"), "corpus help"):
        assert part in str(caught.value)
    with pytest.warns(UserWarning, match="ALLYOUNEED_DATA.* Taking the corpus help"):
        instead = load_or_help("multi30k", size=50, seed=3)
    assert instead == load("help", size=50, seed=3)
    (server / "val.fr.gz").unlink()
    with pytest.raises(MissingCorpusError):
        load_or_help("multi30k", target="fr")
    assert load_or_help("help-short") == load("help-short")


@needs_captions
@pytest.mark.parametrize(("target", "train"), [("de", 28_998), ("fr", 29_000)])
def test_the_real_captions(
    target: str, train: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLYOUNEED_DATA", str(CAPTIONS))
    corpus = load("multi30k", target=target)
    parts = [corpus.train, corpus.valid, corpus.test]
    assert [len(part) for part in parts] == [train, 1_014, 1_000]
    for side in (side for part in parts for pair in part for side in pair):
        assert side == " ".join(side.split()) != ""
    assert not {*corpus.train} & {*corpus.test}


def test_no_caption_is_in_the_package() -> None:
    inside = {path.name for path in corpora.HELP.parent.parent.rglob("*.gz")}
    assert not inside
    assert len(lzma.decompress(corpora.HELP.read_bytes())) < 5_000_000


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without an entry among the system's users, and without HOME."""

    def unknown(uid: int) -> None:
        raise KeyError(uid)

    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    with pytest.raises(RuntimeError):
        Path.home()


@pytest.mark.usefixtures("nobody")
def test_captions_need_no_home(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert len(load("multi30k").train) == 3  # fetched, and kept nowhere
    own = server.rename(tmp_path / "own")
    with pytest.raises(MissingCorpusError, match="there is no HOME, nor to be had"):
        load("multi30k")
    with pytest.warns(UserWarning, match="Taking the corpus help"):
        assert load_or_help("multi30k", size=5).name == "help"
    monkeypatch.setenv("ALLYOUNEED_DATA", str(own))
    assert len(load("multi30k").train) == 3


def test_captions_need_no_cache(
    server: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/dev/null/cache")
    assert len(load("multi30k").train) == 3
    server.rename(tmp_path / "elsewhere")
    with pytest.raises(MissingCorpusError, match=r"multi30k \(Not a directory\)"):
        load("multi30k")
