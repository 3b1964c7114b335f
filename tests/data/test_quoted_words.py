"""What is said is what stands in quotation marks, and hidden words stay hidden."""

import pytest
import torch

from allyouneed.data import literature, quoted_words
from allyouneed.data.quoted_words import FIRST, MASK, hide
from allyouneed.data.tasks import SILENT
from allyouneed.ground.special_tokens import UNK

TEXT = """"You want to tell me, and I have no objection to hearing it."
"My dear," said he; then he went away. "An open
Nobody said a word, and all of them went home."""


def test_only_whole_quotations_count() -> None:
    known = quoted_words.vocabulary(TEXT, least=1)
    found = quoted_words.passages(TEXT, known, length=4)
    spelled = {number: word for word, number in known.items()}
    rows = [" ".join(spelled[i] for i in row) for row in found.tokens.tolist()]
    told = ["nobody said a word", "and all of them"]
    said = ["you want to tell", "i have no objection"]
    assert set(rows[:2]) == set(told)
    assert set(rows[2:]) <= {*said, "me and i have", "no objection to hearing"}
    assert found.said.tolist() == [0, 0, 1, 1]


def test_the_novels_share_no_passage_and_have_as_many_of_each() -> None:
    text = literature.load("en")
    known = quoted_words.vocabulary(text.train)
    parts = {
        part: quoted_words.passages(getattr(text, part), known)
        for part in ("train", "valid", "test")
    }
    for found in parts.values():
        assert found.said.float().mean() == 0.5
    rows = {part: {*map(tuple, x.tokens.tolist())} for part, x in parts.items()}
    known_all = {row for row in rows["train"] if row.count(UNK) < 6}
    assert not known_all & (rows["valid"] | rows["test"])


def test_one_word_in_seven_is_hidden_and_nothing_else_is_asked() -> None:
    words = torch.randint(
        FIRST, 99, (200, 30), generator=torch.Generator().manual_seed(0)
    )
    read, due = hide(words, generator=torch.Generator().manual_seed(1))
    hidden = read == MASK
    assert hidden.float().mean() == pytest.approx(0.15, abs=0.02)
    assert torch.equal(due[hidden], words[hidden])
    assert torch.equal(read[~hidden], words[~hidden])
    assert (due[~hidden] == SILENT).all()


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match=r"share=1.5: give a share"):
        hide(torch.ones(1, 2).long(), share=1.5)
    with pytest.raises(ValueError, match=r"length=12: the text has \[0, 0\]"):
        quoted_words.passages("Nothing is said.", {})
