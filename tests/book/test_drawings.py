"""Drawings keep to the page's ink, carry their sentence, and show true numbers."""

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch

from allyouneed.book.drawings import (
    PARTS,
    STEPS,
    Head,
    Looks,
    figure_one,
    gated_cells,
    look_back,
    one_head,
    residual_stream,
    split_and_join,
    table_and_network,
    three_families,
    two_wirings,
)
from allyouneed.book.drawings.panel import (
    KEY,
    LEARNED,
    MASK,
    MEMORY,
    QUERY,
    VALUE,
    Panel,
)
from allyouneed.book.drawings.sketches import Sketch, sketch
from allyouneed.nn import attention_weights

WORDS = ("the", "cat", "saw", "it")
ROLES = {QUERY, KEY, VALUE, MEMORY, MASK, LEARNED}
PAGES = ("#ffffff", "#14181e")


def head() -> Head:
    x = torch.tensor([[0.0, 0, 1], [2, 0, 0], [0, 2, 0], [1, 0, 1]])
    w_q = torch.tensor([[0, 0.5], [0.5, 0.5], [1.5, 0]])
    w_k = torch.tensor([[1, 0], [0, 1], [-0.5, -0.5]])
    w_v = torch.tensor([[1, 0.5], [0, 1], [0.5, -0.5]])
    weights = attention_weights((x @ w_q)[None, None], (x @ w_k)[None, None])[0, 0]
    return Head(WORDS, x, w_q, w_k, w_v, weights)


LOOKS = Looks(WORDS, ("die", "Katze", "sah", "es"), np.eye(4).tolist())
FULL, PAST = np.ones((6, 6), bool).tolist(), np.tri(6, dtype=bool).tolist()
TABLE = [[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]]
STATES, REPLACED = [(2, 1), (3, 1), (3, 4)], [(2, 1), (1, 0), (0, 1)]
ANSWERS = [(1, 0), (0, 3)]
PARTS_WRITTEN = [{"attention": 0.5, "source": 2.0}]
ALL: dict[str, Callable[[], Sketch]] = {
    "cells": gated_cells,
    "families": lambda: three_families(FULL, PAST, PAST),
    "figure one": figure_one,
    "head": lambda: one_head(head()),
    "heads": lambda: split_and_join(np.full((4, 6, 6), 1 / 6).tolist(), d_model=128),
    "look back": lambda: look_back(LOOKS, "es"),
    "stream": lambda: residual_stream(STATES, ANSWERS, REPLACED, PARTS_WRITTEN),
    "table": lambda: table_and_network(TABLE, 2, [1, -1, 1], [1, 3], [1, 3, 5]),
    "wirings": two_wirings,
}
drawn = pytest.mark.parametrize("draw", ALL.values(), ids=ALL)


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    lin = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_stands_out_on_either_page(role: str, page: str) -> None:
    low, high = sorted((luminance(role), luminance(page)))
    assert (high + 0.05) / (low + 0.05) >= 3


@drawn
def test_only_ink_and_roles_are_used(draw: Callable[[], Sketch]) -> None:
    colours = set(re.findall(r'(?:fill|stroke)="(.*?)"', draw().svg()))
    assert colours <= ROLES | {"currentColor", "none"}


@drawn
def test_no_id_no_style_sheet_and_no_small_type(draw: Callable[[], Sketch]) -> None:
    svg = draw().svg()
    assert " id=" not in svg
    assert "<style" not in svg
    assert min(map(float, re.findall(r'font-size="([\d.]+)"', svg))) >= 12


@drawn
def test_a_label_is_one_node_of_text(draw: Callable[[], Sketch]) -> None:
    assert re.search(r">[A-Za-z][A-Za-z ,:-]+</text>", draw().svg())


@drawn
def test_two_builds_are_the_same_bytes(draw: Callable[[], Sketch]) -> None:
    assert draw().svg() == draw().svg()


def test_frames_of_a_stepper_are_of_one_size_and_none_is_like_another() -> None:
    heads = [one_head(head(), step=step, word="cat").svg() for step in STEPS]
    boxes = [figure_one(box).svg() for box in range(1, len(PARTS) + 1)]
    for frames in (heads, boxes):
        assert len({tuple(re.findall(r'viewBox="(.*?)"', f)) for f in frames}) == 1
        assert len(set(frames)) == len(frames)


def test_alt_is_not_optional() -> None:
    with pytest.raises(ValueError, match="alt must say"):
        sketch(Panel(360, 100), alt=" ")


def test_maths_is_typeset_and_words_are_escaped() -> None:
    panel = Panel(360, 40)
    panel.text(0, 0, "a < b: $c_{t-1}$ and so on")
    text = re.sub(r"<.*?>", "", panel.svg())
    assert text == "a &lt; b: ct−1 and so on"
    assert panel.svg().count('font-style="italic"') == 2


def test_the_head_is_pytorchs() -> None:
    found = head()
    q, k, v = (torch.tensor(part)[None] for part in (found.q, found.k, found.v))
    by_torch = torch.nn.functional.scaled_dot_product_attention(q, k, v)[0]
    np.testing.assert_allclose(found.out, by_torch.numpy(), rtol=1e-5)
    np.testing.assert_allclose(
        found.weights, torch.tensor(found.scaled).softmax(-1).numpy(), rtol=1e-5
    )


@pytest.mark.parametrize("word", WORDS)
def test_sums_shown_come_to_the_number_shown(word: str) -> None:
    for step in ("queries", "scores", "mix"):
        said = one_head(head(), step=step, word=word).svg().replace("−", "-")
        sums = re.search(r">((?:[-\d.]+·[-\d.]+ ?\+? ?)+) ?[=≈] ([-\d.]+)", said)
        assert sums
        terms = (term.split("·") for term in sums[1].split(" + "))
        total = sum(float(a) * float(b) for a, b in terms)
        assert total == pytest.approx(float(sums[2]), abs=0.02)


@pytest.mark.parametrize(
    ("draw", "said"),
    [
        (lambda: figure_one(0), "box=0: choose one from 1 to 12"),
        (lambda: one_head(head(), step="guess"), "step='guess': choose one of words,"),
        (lambda: one_head(head(), word="dog"), "word='dog': choose one of the, cat"),
        (
            lambda: residual_stream(STATES, ANSWERS, REPLACED, []),
            "0 parts written: the panel has room",
        ),
        (lambda: residual_stream([], [], [], []), "0 states, 0 answers, 0 replaced"),
        (lambda: table_and_network([[1.0]], 1, [1], [1], [1]), "word=1, 1 rows, 1"),
        (lambda: table_and_network([[1.0]], 0, [], [1], [1]), "0 units: give 1 to 5"),
        (lambda: three_families(FULL, PAST), "2 squares: give 3, each of 6 rows"),
        (lambda: three_families(FULL, PAST, PAST, source=6), "source=6: choose from 1"),
        (lambda: Head(WORDS[:3], *[np.ones((4, 3))] * 5), "w_q has shape"),
        (lambda: Looks(WORDS, WORDS, [[1.0] * 4] * 3), "give 4 words on either side"),
        (lambda: look_back(LOOKS, "Hund"), "word='Hund': choose one of die, Katze"),
        (lambda: split_and_join([[[1.0]]] * 3, d_model=128), "3 heads, d_model=128"),
    ],
)
def test_what_has_no_room_is_named(draw: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        draw()
