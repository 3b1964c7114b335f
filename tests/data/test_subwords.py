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
