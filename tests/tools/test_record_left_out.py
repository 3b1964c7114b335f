"""What the tool leaves out is gone, and nothing else is."""

import pytest
import record_left_out as tool
import torch
from torch import Tensor


@pytest.fixture(autouse=True)
def _few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "sentences", lambda: (None, range(50)))


def made(piece: tool.Piece) -> tool.Transformer:
    return tool.model(tool.LeftOut(piece=piece)).eval()


@torch.no_grad()
def first_answer(piece: tool.Piece, last: int) -> Tensor:
    source, target = torch.full((1, 4), 9), torch.tensor([[1, 5, 6, last]])
    return made(piece)(source, target)[0, 0]


def test_only_without_the_mask_does_a_later_word_reach_the_first_answer() -> None:
    for piece in tool.PIECES:
        same = torch.equal(first_answer(piece, 7), first_answer(piece, 8))
        assert same == (piece != "mask"), piece


@torch.no_grad()
def test_words_and_positions_have_the_sizes_that_the_piece_says() -> None:
    ids = torch.full((1, 6), 9)
    all_in, bare, quiet = map(made, ("nothing", "factor", "factor, quiet"))
    factor = 96**0.5
    words = [model.embedding(ids) for model in (all_in, bare, quiet)]
    places = [
        model.place(word, offset=0) - word
        for model, word in zip((all_in, bare, quiet), words, strict=True)
    ]
    torch.testing.assert_close(words[1] * factor, words[0])
    torch.testing.assert_close(words[2], words[1])
    torch.testing.assert_close(places[1], places[0])
    torch.testing.assert_close(places[2] * factor, places[0])
    without = made("positions")
    assert torch.equal(without.place(words[0], offset=0), words[0])


def test_unshifted_the_decoder_reads_what_it_shall_say() -> None:
    batch = tool.Batch(torch.ones(1, 2).long(), torch.tensor([[1, 5, 6, 2]]))
    turned = tool.Stream([batch], shifted=False)._turned(batch)
    assert torch.equal(turned.inputs, batch.labels)
    assert torch.equal(turned.labels, batch.labels)
    assert tool.Stream([batch])._turned(batch) is batch
