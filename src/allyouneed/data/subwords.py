"""Sentences to sub-words and back: one byte-pair vocabulary for all languages."""

import io
from collections.abc import Iterable
from itertools import takewhile
from typing import Self

from sentencepiece import SentencePieceProcessor, SentencePieceTrainer

from allyouneed.ground.special_tokens import BOS, EOS, PAD, UNK

LONGEST = 1 << 20  # bytes; the trainer leaves out longer sentences without a word


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

    def vocabulary(self) -> list[str]:
        """Every piece as text, in the order of the ids; the first four are special.

        >>> Subwords.train(["der Hund", "der Bund"], size=16).vocabulary()[:5]
        ['<pad>', '<s>', '</s>', '<unk>', 'de']
        """
        return [str(self._processor.id_to_piece(i)) for i in range(len(self))]

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
