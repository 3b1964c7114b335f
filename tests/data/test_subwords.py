"""Sub-words: learnt as the definition says, the same each time, and back to text."""

import hashlib
import io
import re
import subprocess
import sys
from collections import Counter
from itertools import pairwise

import pytest
from sentencepiece import SentencePieceTrainer

from allyouneed.data import corpora
from allyouneed.data.subwords import Subwords
from allyouneed.ground.plain_text import lines_of, tidy
from allyouneed.ground.special_tokens import BOS, EOS, PAD, UNK

LINES = [
    sentence
    for target in ("de", "zh")
    for pair in corpora.load("help-short", target=target).valid
    for sentence in pair
]


@pytest.fixture(scope="module")
def subwords() -> Subwords:
    return Subwords.train(LINES, size=1500)


def merges(lines: list[str], count: int) -> list[str]:
    """Byte-pair encoding by its definition: join the most frequent neighbours."""
    words = Counter(tuple("▁" + word) for line in lines for word in line.split())
    made = []
    for _ in range(count):
        pairs: Counter[tuple[str, str]] = Counter()
        for word, n in words.items():
            for pair in pairwise(word):
                pairs[pair] += n
        (first, second), _ = pairs.most_common(1)[0]
        made.append(first + second)
        words = Counter({joined(word, first, second): n for word, n in words.items()})
    return made


def joined(word: tuple[str, ...], first: str, second: str) -> tuple[str, ...]:
    out: list[str] = []
    for piece in word:
        if out and out[-1] == first and piece == second:
            out[-1] = first + second
        else:
            out.append(piece)
    return tuple(out)


def test_the_first_pieces_are_the_most_frequent_pairs() -> None:
    # No piece joins letters and punctuation, so leave out the punctuation.
    train = corpora.load("help-short").train
    german = [" ".join(re.findall(r"\w+", pair[1])) for pair in train]
    subwords = Subwords.train(german, size=200)
    learnt = [subwords.decode([i]) for i in range(4, 34)]
    assert learnt == [piece.replace("▁", "") for piece in merges(german, 30)]


def test_every_sentence_comes_back(subwords: Subwords) -> None:
    assert [subwords.decode(subwords.encode(line)) for line in LINES] == LINES
    for line in LINES[::50]:
        assert "".join(subwords.pieces(line)) == "▁" + line.replace(" ", "▁")
        assert len(subwords.pieces(line)) == len(subwords.encode(line))


def test_training_gives_the_same_bytes_in_any_process() -> None:
    program = (
        "import hashlib, sys; from allyouneed.data.subwords import Subwords;"
        "text = sys.stdin.buffer.read().decode().split('\\n');"
        "print(hashlib.sha256(Subwords.train(text, size=1500).to_bytes()).hexdigest())"
    )
    here = hashlib.sha256(Subwords.train(LINES, size=1500).to_bytes()).hexdigest()
    done = subprocess.run(
        [sys.executable, "-c", program],
        input="\n".join(LINES).encode(),
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().strip() == here
    assert not done.stderr


def test_ids(subwords: Subwords) -> None:
    assert (PAD, BOS, EOS, UNK) == (0, 1, 2, 3)
    assert len(subwords) == 1500
    ids = [i for line in LINES for i in subwords.encode(line)]
    assert min(ids) > UNK
    assert max(ids) < len(subwords)
    assert not {PAD, BOS, EOS} & {*subwords.encode("<s> </s> <pad> <unk>")}


def test_decoding_ends_at_eos_and_leaves_out_pad_and_bos(subwords: Subwords) -> None:
    a, b = subwords.encode("Click Open."), subwords.encode("Close the file.")
    assert subwords.decode([BOS, *a, PAD, EOS, *b]) == "Click Open."
    assert subwords.decode(iter([PAD, BOS])) == subwords.decode([EOS, *a]) == ""


def test_unknown_characters_show(subwords: Subwords) -> None:
    assert UNK in subwords.encode("Ω")
    assert "⁇" in subwords.decode(subwords.encode("Click Ω."))


def test_nothing_is_normalised_but_blanks(subwords: Subwords) -> None:
    again = subwords.from_bytes(
        Subwords.train(["ﬁ Ｆ é e\u0301 ² ß"], size=20).to_bytes()
    )
    assert again.decode(again.encode("ﬁ  Ｆ é e\u0301 ² ß ")) == "ﬁ Ｆ é e\u0301 ² ß"


def test_bytes_hold_everything(subwords: Subwords) -> None:
    again = Subwords.from_bytes(subwords.to_bytes())
    assert [again.encode(x) for x in LINES] == [subwords.encode(x) for x in LINES]
    assert again.to_bytes() == subwords.to_bytes()


def test_long_sentences_are_learnt_from() -> None:
    assert UNK not in Subwords.train(["ab " * 5000 + "q"], size=10).encode("q")


@pytest.mark.parametrize("lines", [[], ["", " \t"]])
def test_text_is_needed(lines: list[str]) -> None:
    with pytest.raises(ValueError, match="sentences hold no text: give"):
        Subwords.train(lines, size=10)


def test_a_size_that_does_not_suit_is_refused(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ValueError, match=r"size=900 .*set it to a value <= \d+"):
        Subwords.train(["der Hund", "the dog"], size=900)
    with pytest.raises(ValueError, match=r"size=6 .*Increase vocab_size"):
        Subwords.train(["der Hund", "the dog"], size=6)
    assert capfd.readouterr() == ("", "")


def test_an_id_outside_the_vocabulary_is_refused(subwords: Subwords) -> None:
    for wrong in (1500, -1):
        with pytest.raises(ValueError, match=f"ids hold {wrong}: .* 0 to 1499"):
            subwords.decode([5, wrong])


def test_bytes_of_something_else_are_refused(subwords: Subwords) -> None:
    for wrong in (b"", b"no model", subwords.to_bytes()[:1000]):
        with pytest.raises(ValueError, match=f"model of {len(wrong)} bytes"):
            Subwords.from_bytes(wrong)


def test_a_vocabulary_with_other_special_ids_is_refused() -> None:
    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c"]), model_writer=model, vocab_size=7,
        hard_vocab_limit=False, minloglevel=3,
    )  # fmt: skip
    with pytest.raises(ValueError, match=re.escape("at [-1, 1, 2, 0]: make it by")):
        Subwords.from_bytes(model.getvalue())


@pytest.mark.parametrize(
    "text",
    [
        "Öffne die Datei.",
        "\ufeffÖffne die Datei.",
        "O\u0308ffne die Datei.",
        "Öffne\u00a0die\u2028Datei.\r",
        "\tÖffne  die\x0b\x0cDa\u00adtei\u200b.\u2029 ",
        "Öffne die \u202aDatei\u202c.",
    ],
)
def test_what_does_not_show_makes_no_other_sentence(text: str) -> None:
    assert tidy(text) == "Öffne die Datei."


def test_ligatures_are_letters_and_all_else_stays() -> None:
    assert tidy("e\ufb03cient \ufb02oors") == "efficient floors"
    for text in ("² Ｆ ｶ ½ ™ … 「天」 ß Å", "50 % ; so ."):
        assert tidy(text) == text


@pytest.mark.parametrize("name", ["grammar", "help", "help-short"])
def test_the_corpora_are_tidy(name: str) -> None:
    for target in ("de", "zh"):
        corpus = corpora.load(name, target=target, size=2000)
        pairs = corpus.train + corpus.valid + corpus.test
        assert [s for pair in pairs for s in pair if tidy(s) != s] == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_only_a_line_feed_ends_a_line(end: str) -> None:
    rows = ["a\u2028b", "", "c\x0cd\x85e", "\x1cf\rg"]
    for text in (end.join(rows), end.join([*rows, ""])):
        for codec in ("utf-8", "utf-8-sig", "utf-16"):
            assert lines_of(text.encode(codec), name="x") == rows
    assert lines_of(b"", name="x") == []
    assert lines_of(b"\n", name="x") == [""]


@pytest.mark.parametrize(
    "content",
    [
        "a\nCafé".encode("latin-1"),
        b"a\n\x93Open\x94",
        "a\nb".encode("utf-16-le")[:4] + b"\0",
        b"a\n\0",
        b"\xff\xfea\0\n\0b",
    ],
)
def test_bytes_that_are_no_text_are_refused_by_line(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"notes, line [12]: no text in UTF-8"):
        lines_of(content, name="notes")


def test_half_a_character_is_refused(subwords: Subwords) -> None:
    for use in (subwords.encode, subwords.pieces):
        with pytest.raises(ValueError, match=r"sentence='a\\udce9' holds half .* at 1"):
            use("a\udce9")
    with pytest.raises(ValueError, match="holds half of a surrogate pair"):
        Subwords.train(["a b", "\ud83d"], size=10)
