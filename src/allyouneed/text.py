"""Sentences to sub-words and back: one byte-pair vocabulary for all languages.

The first four ids mean the same in every vocabulary and every model of the book.
"""

import codecs
import io
import re
import unicodedata
from collections.abc import Iterable
from itertools import takewhile
from typing import Self

from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

PAD, BOS, EOS, UNK = 0, 1, 2, 3
LONGEST = 1 << 20  # bytes; the trainer leaves out longer sentences without a word

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Soft hyphens, joiners, marks of direction and of byte order: none of them shows.
UNSEEN = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
LIGATURES = re.compile("[\ufb00-\ufb06]")  # one character for ff, fi, fl, ffi, ffl, st


def tidy(sentence: str) -> str:
    r"""The sentence as every corpus has it: for what is learnt, and what is translated.

    Blanks are single and plain, with none at the ends. What does not show is gone, an
    accent is one character with its letter, and printers' ligatures are letters again.

    >>> tidy("\ufeffThe\u00a0\ufb01le  is o\u00adpen.\t")
    'The file is open.'
    """
    seen = unicodedata.normalize("NFC", UNSEEN.sub("", sentence))
    plain = LIGATURES.sub(lambda x: unicodedata.normalize("NFKC", x[0]), seen)
    return " ".join(plain.split())


def lines_of(content: bytes, *, name: str) -> list[str]:
    r"""Lines of a text in UTF-8, or in UTF-16 where its mark comes first.

    Only a line feed ends a line, with or without a carriage return before it: what else
    `str.splitlines` takes for an end stands within one.

    Args:
        content: the bytes.
        name: what to call the text in an error.

    Raises:
        ValueError: it is no such text; it names the line.

    >>> lines_of("a\u2028b\r\nc".encode(), name="example")
    ['a\u2028b', 'c']
    """
    codec = "UTF-16" if content.startswith(UTF_16) else "utf-8-sig"
    try:
        text = content.decode(codec)
        wrong = text.find("\0")
        number = text.count("\n", 0, wrong) + 1
    except UnicodeDecodeError as error:
        wrong, number = error.start, content.count(b"\n", 0, error.start) + 1
    if wrong >= 0:
        raise ValueError(
            f"{name}, line {number}: no text in UTF-8. Convert it, perhaps by "
            "`iconv -f ISO-8859-1 -t UTF-8`, or from UTF-16"
        )
    rows = text.split("\n")
    return [row.removesuffix("\r") for row in (rows if rows[-1] else rows[:-1])]


class Subwords:
    """A vocabulary of frequent pieces, shared by source and target (section 5.1).

    >>> subwords = Subwords.train(["der Hund", "der Bund", "the dog"], size=25)
    >>> subwords.pieces("der Hund")
    ['▁der', '▁H', 'und']
    >>> subwords.decode(subwords.encode("der Hund"))
    'der Hund'
    """

    def __init__(self, processor: SentencePieceProcessor) -> None:
        self._processor = processor

    @classmethod
    def train(cls, sentences: Iterable[str], *, size: int) -> Self:
        """Learn `size` pieces, merging the most frequent pair first; the same anywhere.

        Case, accents and width stay as they are; runs of blanks become one blank.

        Raises:
            ValueError: no sentence holds text, one holds half of a surrogate pair, or
                `size` is more pieces than there are in them, or too few for the single
                characters.
        """
        kept = [_encodable(line) for line in sentences if line.strip()]
        if not kept:
            raise ValueError("sentences hold no text: give at least one that does")
        model = io.BytesIO()
        try:
            SentencePieceTrainer.train(
                sentence_iterator=iter(kept),
                model_writer=model,
                vocab_size=size,
                model_type="bpe",
                character_coverage=1.0,
                normalization_rule_name="identity",
                num_threads=1,
                max_sentence_length=LONGEST,
                pad_id=PAD,
                bos_id=BOS,
                eos_id=EOS,
                unk_id=UNK,
                minloglevel=3,
            )
        except RuntimeError as error:
            reason = str(error).rpartition("] ")[2]
            raise ValueError(f"{size=} does not suit the text: {reason}") from error
        return cls.from_bytes(model.getvalue())

    def encode(self, sentence: str) -> list[int]:
        """Ids of the pieces, without BOS and EOS; a character never seen gives UNK.

        Raises:
            ValueError: the sentence holds half of a surrogate pair, as text does that
                was read from bytes of another encoding.
        """
        return list(self._processor.encode(_encodable(sentence)))

    def decode(self, ids: Iterable[int]) -> str:
        """Put the text together up to the first EOS; PAD and BOS are left out.

        Raises:
            ValueError: an id lies outside the vocabulary.
        """
        kept = list(takewhile(lambda i: i != EOS, ids))
        if wrong := [i for i in kept if not 0 <= i < len(self)]:
            raise ValueError(
                f"ids hold {wrong[0]}: the vocabulary's go from 0 to {len(self) - 1}"
            )
        return str(self._processor.decode(kept))

    def pieces(self, sentence: str) -> list[str]:
        """Cut the sentence into its pieces as text; "▁" stands for a blank before."""
        return list(self._processor.encode(_encodable(sentence), out_type=str))

    def __len__(self) -> int:
        return int(self._processor.vocab_size())

    def to_bytes(self) -> bytes:
        """Give the whole vocabulary, for `from_bytes` to read."""
        return bytes(self._processor.serialized_model_proto())

    @classmethod
    def from_bytes(cls, model: bytes) -> Self:
        """Read what `to_bytes` gave.

        Raises:
            ValueError: the bytes are no vocabulary, or one with other special ids.
        """
        processor = SentencePieceProcessor()
        try:
            processor.load_from_serialized_proto(model)
        except RuntimeError as error:
            raise ValueError(
                f"model of {len(model)} bytes is no vocabulary: give what to_bytes gave"
            ) from error
        ids = [
            getattr(processor, f"{name}_id")() for name in ("pad", "bos", "eos", "unk")
        ]
        if ids != [PAD, BOS, EOS, UNK]:
            raise ValueError(
                f"model has pad, bos, eos, unk at {ids}: make it by Subwords.train"
            )
        return cls(processor)


def _encodable(sentence: str) -> str:
    try:
        sentence.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{sentence=} holds half of a surrogate pair at {error.start}: it was read "
            "from bytes that are no UTF-8, so read it in its own encoding"
        ) from None
    return sentence
