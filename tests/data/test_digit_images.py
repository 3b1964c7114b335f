"""Strips show the same digit in half of the cases, and never an image of two parts."""

import pytest
import torch

from allyouneed.data.digit_images import GAP, SIDE, digits, strips


def test_a_strip_shows_whether_its_ends_are_the_same() -> None:
    train = digits()["train"]
    found = strips(train, 400, kinds=3, generator=torch.Generator().manual_seed(0))
    assert found.pixels.shape == (400, SIDE, 2 * SIDE + GAP)
    assert found.pixels[..., SIDE:-SIDE].abs().max() == 0
    known = {row.numpy().tobytes(): n for row, n in zip(*train, strict=True)}
    ends = [
        [int(known[end.contiguous().numpy().tobytes()]) for end in side]
        for side in (found.pixels[..., :SIDE], found.pixels[..., -SIDE:])
    ]
    same = [a == b for a, b in zip(*ends, strict=True)]
    assert same == found.shows.bool().tolist()
    assert {*ends[0]} == {0, 1, 2}
    assert 0.4 < found.shows.float().mean() < 0.6


def test_no_image_stands_in_two_parts() -> None:
    seen = [
        {row.numpy().tobytes() for row in part.pixels} for part in digits().values()
    ]
    assert not seen[0] & (seen[1] | seen[2])


def test_bad_input_is_named() -> None:
    with pytest.raises(ValueError, match="kinds=1: give 2 or more"):
        strips(digits()["test"], 2, kinds=1)
