"""Drawings keep to the page's ink, carry their sentence, and show true numbers."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest
import torch
from sacrebleu.metrics import BLEU

from allyouneed.book.drawings import (
    PARTS,
    STEPS,
    TAPS,
    Bill,
    Candidate,
    Head,
    Kept,
    Knob,
    Looks,
    MaskTable,
    Race,
    Runner,
    Shelf,
    Silenced,
    Slopes,
    Strips,
    Turn,
    Update,
    Versions,
    Way,
    Work,
    added_arrows,
    added_or_taken_off,
    bill_and_work,
    claim_stations,
    clock_hands,
    dilated_strip,
    dilation_trees,
    figure_one,
    four_routes,
    four_versions,
    gated_cells,
    kernel_slides,
    look_back,
    lstm_equations,
    lstm_taps,
    matched_runs,
    mean_or_pair,
    moved_word,
    one_head,
    one_knob_turned,
    paper_and_today,
    patch_asks,
    prefix_or_cache,
    price_squares,
    race_lanes,
    residual_stream,
    rnn_unrolled,
    rotary_pairs,
    search_trees,
    seen_and_kept,
    shared_means,
    shift_and_mirror,
    shift_by_one,
    silenced_token,
    split_and_join,
    steps_that_wait,
    table_and_network,
    three_descendants,
    three_families,
    three_paths,
    three_products,
    time_strips,
    training_step,
    tree_and_brackets,
    two_directions,
    two_futures,
    two_looks,
    two_wirings,
    ways_to_meet,
    where_operations_go,
    who_sees_whom,
    window_and_state,
    word_bags,
)
from allyouneed.book.drawings.cells import PIECES, draw_lstm, frame, lstm
from allyouneed.book.drawings.dilation import levels
from allyouneed.book.drawings.matching import matches
from allyouneed.book.drawings.mirrors import ring_map
from allyouneed.book.drawings.panel import (
    KEY,
    LEARNED,
    MASK,
    MEMORY,
    QUERY,
    VALUE,
    Panel,
)
from allyouneed.book.drawings.silencing import HIGH
from allyouneed.book.drawings.sketches import Sketch, sketch
from allyouneed.nn import (
    Convolution,
    attention_weights,
    causal_mask,
    measured_receptive_field,
)

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


IN_TABLE = {"cat": (1.2, 0.0), "keyboard": (0.0, 1.2), "mouse": (0.6, 0.6)}
IN_SENTENCES = {"cat and mouse": (1.25, 0.75), "keyboard and mouse": (0.75, 1.25)}


def moved(
    word: str = "mouse", sentences: Mapping[str, tuple[float, float]] = IN_SENTENCES
) -> Sketch:
    """One word in two sentences."""
    return moved_word(word, IN_TABLE, sentences, ("animal", "device"))


def masked(weights: torch.Tensor | None = None) -> Sketch:
    """Three masks over four words, and the weights that the first of them leaves."""
    causal, filler = causal_mask(4), torch.arange(4).expand(4, 4) < 3
    scores = torch.ones(4, 4).masked_fill(~causal, -torch.inf)
    weights = scores.softmax(-1) if weights is None else weights
    masks = {"causal": causal, "padding": filler, "both": causal & filler}
    tables = [MaskTable(name, WORDS, mask.tolist()) for name, mask in masks.items()]
    return who_sees_whom(tables, torch.ones(4, 4).tolist(), weights.tolist())


def bites(*, numbers: int = 3) -> Sketch:
    """Who bites whom, in vectors of so many numbers."""
    dog, man = np.eye(numbers)[:2].tolist()
    means = [np.mean((dog, man), axis=0).tolist()] * 2
    said = [("dog", "bites", "man"), ("man", "bites", "dog")]
    pairs = [(dog, man), (man, dog)]
    unequal = [np.average(pair, axis=0, weights=(0.7, 0.3)).tolist() for pair in pairs]
    shares = {"shares": (0.7, 0.3), "unequal": unequal}
    return mean_or_pair(said, means, pairs, **shares, coordinates=("dog", "man", "fox"))


def asked(*, covered: int = 5, **changed: object) -> Sketch:
    """Patch 5 asks; patch 9 gets three quarters, patch 6 the rest."""
    weights = [0.0] * 16
    weights[9], weights[6] = 0.75, 0.25
    values = [[i, -i, 2 * i, 0] for i in range(16)]
    given = {"image": np.eye(8), "weights": weights, "values": values} | changed
    return patch_asks(**given, covered=covered, errors=(0.1, 0.2))


def placed(**changed: object) -> Sketch:
    """A word of two numbers at two places, and its score at two distances."""
    given = {"word": [0.5, -1.0], "waves": {0: [0.0, 1.0], 3: [-1.5, 0.5]}}
    return added_or_taken_off(**given | {"score": 2, "charges": [0, 0.5]} | changed)


ADDED = {"a": {"with": 1.5, "without": 0.1}, "b": {"with": 32.0, "without": 1.5}}
BILL = Bill("base", 12, 8, 9.5e12, 1e18)
TURN = Turn((1.0, 0.5), (0.5, -1.0), (4, 3))
PACES = (1, 0.1, 0.01, 0.001)
OPEN, SHUT = Candidate("w", 0.4, 0, 0), Candidate("zeich", 0.3, 0, None)
SAID = ("BOS", "I", "like", "you", "EOS")
LOOKS = Looks(WORDS, ("die", "Katze", "sah", "es"), np.eye(4).tolist())
SEEN_ALL, SEEN_PAST = np.ones((4, 4), bool).tolist(), np.tri(4, dtype=bool).tolist()
FULL, PAST = np.ones((6, 6), bool).tolist(), np.tri(6, dtype=bool).tolist()
CUBE = np.ones((2, 3, 4), bool).tolist()
EYES = np.eye(8).tolist()
TABLE = [[1.0, 0.0], [0.0, 1.0], [2.0, 1.0]]
STATES, REPLACED = [(2, 1), (3, 1), (3, 4)], [(2, 1), (1, 0), (0, 1)]
ANSWERS = [(1, 0), (0, 3)]
PARTS_WRITTEN = [{"attention": 0.5, "source": 2.0}]
SEVEN = ("to", "be", "or", "not", "to", "be", "that")
SEEN = [(9, 4), (4, 2), (2, 1), (1, 0)]
FELT = {"plain": [0.1, 0.2, 0.3, 0.5, 1.0], "open gate": [0.9] * 5}
UNIT = {"c": 0.5, "f": 0.5, "i": 1.0, "g": 0.25, "o": 1.0}
EDGE = [[-1, 0, 1]] * 3
READ = ("the", "keys", "near", "the", "dog")
TREE = ("S", ("NP", "We"), ("VP", "saw", ("NP", "the", "dog")), ".")
SPANS = Counter([("S", 0, 4), ("NP", 0, 1), ("VP", 1, 4), ("NP", 2, 4)])
OTHER = SPANS - Counter([("VP", 1, 4)])
ENCODES = [Work("4 matrices", 4), Work("mixing", 0.1, learned=False), Work("ff", 8)]
DECODES = [*ENCODES[:2], *ENCODES, Work("output layer", 12)]
SHOP = {"ours": (28.0, 3.0), "theirs": (26.0, 9.0)}
SHELF = Shelf("One shelf", SHOP, "ours", ["ours"])
HEADS = Knob("heads", {"1": -0.9, "8": None, "16": 0.0})
RACE = Race(
    "Equal time", {"one": Runner(3.0, "9 s"), "two": Runner(4.0, "8 s", True)}, "two"
)
HALVES = {"products": 0.5, "the rest": 0.5}
STRIPS = Strips(
    "A step", {"ours": 80.0, "theirs": 100.0}, dict.fromkeys(("ours", "theirs"), HALVES)
)
SLOPES = Slopes((2, 3, 5, 15), ((1, 0, 1, 3), (0, 1, 1, 8)), (3, 8, 3, 1))
UPDATE = Update(2, SAID[:2], SAID[1:3], (0.5, 0.25), 0.3, -0.01, 1.0, 0.29)
WAY = Way(["a", "b\nc", "d", "e", "f"], [-45, 0, 35.5, -5], 2, ("one", "other"))
ANSWERED = np.eye(16)[[3, 4, 5]].tolist()
ON_TWO, LENGTHS = np.eye(9)[:2].tolist(), [0.0, *[2.0] * 8]
SILENCED = Silenced("Key there", ON_TWO, LENGTHS, ANSWERED, [[0.25, 1], [0]], 3)
SIX, FULLY = dict.fromkeys("abcdef", PAST), Kept("full", [True, False], 64)
ALL: dict[str, Callable[[], Sketch]] = {
    "asking": asked,
    "added": lambda: added_arrows(ADDED),
    "bills": lambda: bill_and_work([BILL, BILL]),
    "bags": lambda: word_bags("cadebf"),
    "brackets": lambda: tree_and_brackets(TREE, "(S (NP We", SPANS, OTHER),
    "cache": lambda: prefix_or_cache(SAID[:4]),
    "cells": gated_cells,
    "clocks": lambda: clock_hands((0, 1, 10), PACES, (TURN, TURN)),
    "descendants": lambda: three_descendants(SEEN_ALL, SEEN_PAST, np.eye(8).tolist()),
    "differentiation": lambda: two_directions(SLOPES),
    "dilation": lambda: dilation_trees({"contiguous": [1, 1], "dilated": [1, 2]}),
    "equations": lstm_equations,
    "families": lambda: three_families(FULL, PAST, PAST),
    "fetching": bites,
    "figure one": figure_one,
    "futures": lambda: two_futures([[1, 1, 2, 4], [1, 1, 6, 12]], visible=2),
    "head": lambda: one_head(head()),
    "heads": lambda: split_and_join(np.full((4, 6, 6), 1 / 6).tolist(), d_model=128),
    "knobs": lambda: one_knob_turned([HEADS], [80.0, 81.5], small=0.3),
    "installing": lambda: four_versions(
        Versions("566.24", "12.7", "12.6", "12.6", True)
    ),
    "induction": lambda: two_looks("fobndo=f", EYES, EYES),
    "keeping": lambda: seen_and_kept(SIX, [FULLY, Kept("linear", [], 20)]),
    "kernel": lambda: kernel_slides(np.eye(8), EDGE),
    "look back": lambda: look_back(LOOKS, "es"),
    "masks": masked,
    "matching": lambda: matched_runs(("Whole", SAID, (*SAID[:2], "him", *SAID[2:]))),
    "means": lambda: shared_means({"layer": CUBE, "batch": CUBE}, dot=(0, 1, 1)),
    "mirrors": lambda: shift_and_mirror(np.eye(8), EDGE),
    "moving": moved,
    "operations": lambda: where_operations_go(ENCODES, DECODES, {50: ENCODES}),
    "paths": lambda: three_paths(recurrent=7, dilated=3, attention=1),
    "placing": placed,
    "prices": lambda: price_squares(SHELF, SHELF),
    "race": lambda: race_lanes(RACE, RACE, start=5, goal=2),
    "silencing": lambda: silenced_token(SILENCED),
    "stations": lambda: claim_stations(WAY),
    "products": lambda: three_products(rows=25, inner=16, columns=32),
    "renewal": lambda: paper_and_today(heads=4, keys=2, dropout=0.1, smoothing=0.1),
    "rotary": lambda: rotary_pairs((TURN,) * 4, PACES),
    "routes": lambda: four_routes((2, 1), [(2, 1), (1, 0), (0, 2), (0, 1)], gone=2),
    "search": lambda: search_trees("so", [[OPEN, SHUT]] * 3, [[OPEN, SHUT]] * 3),
    "shift": lambda: shift_by_one(SAID),
    "stream": lambda: residual_stream(STATES, ANSWERS, REPLACED, PARTS_WRITTEN),
    "strips": lambda: time_strips(STRIPS, STRIPS),
    "table": lambda: table_and_network(TABLE, 2, [1, -1, 1], TABLE, [1, 3, 5]),
    "kernels": lambda: dilated_strip([1, 2, 3, 4], [100, 10, 1]),
    "taps": lambda: lstm_taps(**UNIT),
    "unrolled": lambda: rnn_unrolled(READ, FELT),
    "update": lambda: training_step(UPDATE, (0.01, 0.02, 0.01)),
    "waiting": lambda: steps_that_wait(words=64, sentences=8),
    "ways to meet": lambda: ways_to_meet("ab!c·=", {"Needle": ("ab!c·=", "c")}),
    "window": lambda: window_and_state(SEVEN, SEEN, [0.5] * 7),
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
    taps = [lstm_taps(**UNIT, tap=tap).svg() for tap in TAPS]
    for frames in (heads, boxes, taps):
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


def test_an_arrow_ends_where_its_word_has_moved_to() -> None:
    drawn = moved().svg()
    tips = re.findall(rf'd="M([-\d.]+) ([-\d.]+)[^"]*" fill="{VALUE}"', drawn)
    dots = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)
    for points, places in ((tips, IN_SENTENCES), (dots, IN_TABLE)):
        found = np.array(points, dtype=float)
        expected = np.array([70, 284]) + np.array([*places.values()]) * [130, -130]
        np.testing.assert_allclose(found, expected, atol=0.06)


def test_products_of_pairs_add_up_to_the_score_shown() -> None:
    turns = [Turn((1.0, i), (0.5, -0.25), (4, 3)) for i in range(4)]
    said = re.sub(r"<.*?>", " ", rotary_pairs(turns, PACES).svg()).replace("−", "-")
    score = re.search(r"score:\s+(-?[\d.]+)", said)
    assert score
    assert float(score[1]) == pytest.approx(sum(turn.product for turn in turns))


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
        (lambda: asked(image=np.eye(4)), "image has shape (4, 4): give (8, 8)"),
        (lambda: asked(values=np.eye(16)), "values has shape (16, 16): give (16, 4)"),
        (
            lambda: placed(word=[1.0]),
            "2 places with [2] numbers, a word with 1: give 1",
        ),
        (lambda: placed(waves={}), "0 places with [] numbers, a word with 2: give 1"),
        (
            lambda: placed(charges=[0, 3]),
            "charges=[0, 3], score=2: give a score",
        ),
        (lambda: placed(score=0, charges=[0]), "score=0: give a score above 0"),
        (lambda: placed(charges=[-1]), "charges=[-1], score=2: give a score"),
        (lambda: placed(charges=[0] * 8), "and 1 to 7 charges from 0 to the score"),
        (lambda: asked(covered=9), "covered=9: give a patch from 0 to 15 without"),
        (lambda: ways_to_meet("a", {"Copy": ("ab=", "ab")}), "symbols='a': give from"),
        (lambda: ways_to_meet("ab", {}), "0 questions: give from 1 to 8"),
        (
            lambda: ways_to_meet("ab", {"Copy": ("a" * 13, "b")}),
            "Copy: 'aaaaaaaaaaaaa'",
        ),
        (lambda: four_routes((1,), [(1,)], gone=1), "1 answers, gone=1: give 4"),
        (lambda: four_routes((1,), [(1,)] * 4, gone=3), "4 answers, gone=3: give 4"),
        (
            lambda: moved("rat"),
            "word='rat': choose one of cat, keyboard, mouse",
        ),
        (
            lambda: moved(sentences={"cat and mouse": (1.2, 2.5)}),
            "'cat and mouse' is at (1.2, 2.5): the panel has room",
        ),
        (lambda: figure_one(0), "box=0: choose one from 1 to 12"),
        (lambda: one_head(head(), step="guess"), "step='guess': choose one of words,"),
        (lambda: one_head(head(), word="dog"), "word='dog': choose one of the, cat"),
        (
            lambda: residual_stream(STATES, ANSWERS, REPLACED, []),
            "0 parts written: the panel has room",
        ),
        (lambda: residual_stream([], [], [], []), "0 states, 0 answers, 0 replaced"),
        (lambda: table_and_network([[1.0]], 1, [1], [[1]], [1]), "word=1, 1 rows, 1"),
        (lambda: table_and_network([[1.0]], 0, [], [], [1]), "0 units, 0 rows: give 1"),
        (lambda: table_and_network([[1.0]], 0, [1], [], [1]), "1 units, 0 rows: give"),
        (lambda: added_arrows({"a": {"b": 1.0}}), "sums in each panel: [1], ratios"),
        (lambda: added_arrows(ADDED | {"b": {"c": 0, "d": 1}}), "[1.5, 0.1, 0, 1]: "),
        (lambda: shared_means({}, dot=(0, 0, 0)), "0 norms: the panels have room"),
        (lambda: shared_means({"a": CUBE}, dot=(2, 0, 0)), "dot=(2, 0, 0), sizes"),
        (lambda: shared_means({"a": [[[False]]]}, dot=(0, 0, 0)), "must share its own"),
        (lambda: three_families(FULL, PAST), "2 squares: give 3, each of 6 rows"),
        (lambda: three_families(FULL, PAST, PAST, source=6), "source=6: choose from 1"),
        (
            lambda: three_descendants(FULL, SEEN_PAST, np.eye(8).tolist()),
            "full has 6 rows: give 4 by 4",
        ),
        (
            lambda: three_descendants(SEEN_ALL, SEEN_ALL, np.eye(8).tolist()),
            "past shows a word what comes later: give a causal mask",
        ),
        (
            lambda: three_descendants(SEEN_ALL, SEEN_PAST, EDGE),
            "image has 3 rows: give",
        ),
        (lambda: Head(WORDS[:3], *[np.ones((4, 3))] * 5), "w_q has shape"),
        (lambda: Looks(WORDS, WORDS, [[1.0] * 4] * 3), "give 4 words on either side"),
        (lambda: look_back(LOOKS, "Hund"), "word='Hund': choose one of die, Katze"),
        (lambda: Slopes((2, 3), (), (1,)), "rows of [2, 1] numbers: give values"),
        (
            lambda: Slopes((2, 3, 5, 15), [(1, 0, 1, 3)] * 2, (3, 8, 3, 1)),
            "the passes end at [3, 3], the sweep at [3, 8]",
        ),
        (lambda: two_looks("no=n", EYES, EYES), "'no=n' with weights of sizes [4, 8]"),
        (lambda: two_looks("fobndo=n", EYES, EYES), "'fobndo=n' with weights of"),
        (lambda: word_bags("cade"), "words='cade': give 3 to 6, an a and a b"),
        (lambda: dilation_trees({}), "0 plans: this drawing has room for two"),
        (lambda: dilation_trees({"deep": [1] * 5}), "[1, 1, 1, 1, 1]: give 1 to 4"),
        (lambda: replace(WAY, said=["a"]), "said has 1 texts: give 5"),
        (lambda: replace(WAY, first=4), "first=4: give fewer than the 4 gaps"),
        (lambda: replace(WAY, gaps=[0, 0, 0]), "gaps are all 0"),
        (lambda: Versions("566", "12.7", None, "12.6", False), "numbers with dots"),
        (lambda: kernel_slides(np.eye(4), EDGE), "image has shape (4, 4): give (8, 8)"),
        (lambda: kernel_slides(np.eye(8), EDGE, row=6), "row=6: give a place from 0"),
        (lambda: shift_and_mirror(np.eye(4), EDGE), "image has shape (4, 4): give (8"),
        (lambda: shift_and_mirror(np.eye(8), EDGE, shift=8), "shift=8: give 0 to 7"),
        (lambda: dilated_strip([1, 2], [1, 2]), "2 numbers, 2 weights: give 1 to 4"),
        (lambda: dilated_strip([1, 2], [1, 2, 3], at=2), "at=2: give a place from 0"),
        (lambda: lstm_taps(**UNIT, tap="keep"), "tap='keep': choose one of forget"),
        (lambda: lstm_taps(**UNIT | {"f": 2.0}), "f=2.0: give a number from 0 to 1"),
        (lambda: lstm_taps(**UNIT | {"c": 1, "f": 1}), "the new cell state is 1.25"),
        (lambda: rnn_unrolled(READ[:3], FELT), "this drawing has room for 5"),
        (lambda: rnn_unrolled(READ, {"plain": [1.0]}), "give one to three rows of 5"),
        (lambda: steps_that_wait(words=65, sentences=2), "words=65, sentences=2: "),
        (lambda: steps_that_wait(words=9, sentences=1), "words=9, sentences=1: give"),
        (lambda: split_and_join([[[1.0]]] * 3, d_model=128), "3 heads, d_model=128"),
        (
            lambda: MaskTable("causal", WORDS, [[True] * 4]),
            "'causal' has 4 words and 1",
        ),
        (lambda: masked(torch.full((4, 4), 0.25)), "a hidden word has the weight 0.25"),
        (lambda: who_sees_whom([], [], []), "0 masks: give causal, padding and both"),
        (lambda: two_futures([[1, 2], [2, 2]], visible=1), "2 rows with 2 pasts of 1"),
        (lambda: shift_by_one(SAID, at=4), "5 words and at=4: give three to five"),
        (lambda: prefix_or_cache(SAID), "5 words: give two to four"),
        (lambda: clock_hands((0,), (1,), (TURN,)), "1 places, 1 paces, 1 turns"),
        (lambda: rotary_pairs((TURN,), PACES), "1 turns and 4 paces: give as many"),
        (
            lambda: three_paths(recurrent=8, dilated=3, attention=1),
            "paths of (8, 3, 1)",
        ),
        (lambda: search_trees("so", [[OPEN]] * 2, [[OPEN]] * 3), "steps of [1, 1]"),
        (
            lambda: search_trees("so", *[[[SHUT], [OPEN], [OPEN]]] * 2),
            "parents [0] are",
        ),
        (lambda: window_and_state(READ, SEEN, [0.5] * 7), "5 words, 7 numbers felt"),
        (lambda: window_and_state(SEVEN, SEEN[:3], [0.5] * 7), "give 4 pairs"),
        (lambda: window_and_state(SEVEN, [(1, 2)] * 4, [0.5] * 7), "none with more"),
        (lambda: where_operations_go(ENCODES, ENCODES, {50: ENCODES}), "3 and 3 parts"),
        (lambda: where_operations_go(ENCODES, DECODES, {0: ENCODES}), "lengths [0]"),
        (
            lambda: where_operations_go(ENCODES, DECODES, {1: [Work("none", 0)]}),
            "'none' has 0 operations: give some",
        ),
        (
            lambda: tree_and_brackets(("S", *"abcdefghi"), "", SPANS, OTHER),
            "9 words and 1 levels",
        ),
        (
            lambda: tree_and_brackets(TREE, "", SPANS, Counter()),
            "4 and 0 brackets: give 1 to 6",
        ),
        (lambda: training_step(UPDATE, (0.01,)), "step=2 of 1 rates, the least 0.01"),
        (lambda: Update(1, SAID, SAID, (1.0,), 1, 1, 1, 1), "(5, 5, 1) words read"),
        (
            lambda: Update(1, SAID[:2], SAID[:2], (0.5, 0.0), 1, 1, 1, 1),
            "chances=(0.5, 0.0): give numbers above 0",
        ),
        (lambda: bill_and_work([]), "0 bills: give 1 to 2"),
        (lambda: Bill("base", 1, 1, 1.0, 3601), "base: needed=3601 of 3600 billed: "),
        (lambda: three_products(rows=1, inner=9, columns=9), "sizes=(1, 9, 9): give"),
        (price_squares, "0 shelves: give one or two"),
        (lambda: Shelf("", SHOP, "big", []), "['big'] are none of ours, theirs"),
        (lambda: Shelf("", {"a": (1, 1)}, "a", []), "1 systems: give 2 to 10"),
        (
            lambda: Shelf("", SHOP | {"dear": (20.0, 900.0)}, "ours", []),
            "prices of 1 to 300 ours: there is room for 84",
        ),
        (lambda: Knob("heads", {"1": 0.5}), "'heads' has 1 settings and 0 of base"),
        (lambda: Knob("heads", dict.fromkeys("12")), "2 settings and 2 of base"),
        (lambda: one_knob_turned([], [1, 2], small=1), "0 knobs, 2 seeds: give 1 to 8"),
        (lambda: race_lanes(start=5, goal=2), "0 races with losses=[], start=5"),
        (lambda: race_lanes(RACE, start=3.5, goal=2), "losses=[3.0, 4.0], start=3.5"),
        (
            lambda: Race("", RACE.runners, "three"),
            "lit='three', 2 runners: give 2 to 5",
        ),
        (time_strips, "0 comparisons: give one or two"),
        (lambda: Strips("", {"a": 1.0}, {}), "times of ['a'], shares of []"),
        (
            lambda: Strips("", {"a": 1.0}, {"a": {"b": 0.7}}),
            "a has 1 parts that add up",
        ),
        (matched_runs, "0 pairs of sentences: give one or two"),
        (lambda: matched_runs(("", SAID[:3], SAID)), "'BOS I like': give four words"),
        (lambda: matched_runs(("", SAID * 3, SAID)), "EOS': give four words or more"),
        (lambda: bites(numbers=4), "give two sentences of three words"),
        (
            lambda: seen_and_kept({"a": PAST}, [FULLY]),
            "1 patterns of sizes [6]: give 6",
        ),
        (
            lambda: seen_and_kept(SIX | {"a": FULL[:5]}, [FULLY]),
            "of sizes [5, 6]: give",
        ),
        (
            lambda: paper_and_today(heads=4, keys=3, dropout=0.1, smoothing=0.1),
            "heads=4, keys=3: give fewer keys than heads, in equal groups",
        ),
        (lambda: draw_lstm(frame(""), "keep"), "lit='keep': choose one of forget, wr"),
        (lambda: replace(SILENCED, weights=[[1.0]]), "weights of [1] numbers: give [9"),
        (lambda: replace(SILENCED, answers=[]), "answers of [] numbers: give [16, 16,"),
        (lambda: replace(SILENCED, lengths=[0.0] * 9), "give 9, one of them above 0"),
        (lambda: replace(SILENCED, lengths=[1.0]), "lengths=[1.0]: give 9, one of "),
        (
            lambda: replace(SILENCED, moves=[[1.0], []]),
            "moves of [1, 0] questions: give some, in two ways",
        ),
        (lambda: seen_and_kept(SIX, []), "0 ways of [] words: give 1 to 6"),
        (
            lambda: seen_and_kept(SIX, [FULLY, Kept("more", [True], 1)]),
            "2 ways of [1, 2] words: give 1 to 6 ways of one length",
        ),
    ],
)
def test_what_has_no_room_is_named(draw: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        draw()


def test_what_is_fetched_is_the_sum_of_the_values_shown() -> None:
    shown = re.findall(r">(−?\d\.\d\d|−?\d+\.\d\d)</text>", asked().svg())
    fetched = 0.75 * 9 + 0.25 * 6
    wanted = [fetched, -fetched, 2 * fetched, 0]
    assert [float(x.replace("−", "-")) for x in shown[-4:]] == wanted
    assert f"Fetched: {fetched:.2f}, {-fetched:.2f}" in asked().alt


def test_the_map_is_pytorchs() -> None:
    image, weights = torch.rand(8, 8), torch.randn(3, 3)
    svg = kernel_slides(image, weights).svg().replace("−", "-")
    shown = re.findall(r">(-?\d+\.\d)</text>", svg.split("<svg")[2])
    by_torch = torch.nn.functional.conv2d(image[None, None], weights[None, None])
    found = torch.tensor([float(number) for number in shown])
    torch.testing.assert_close(found, by_torch.flatten(), rtol=0, atol=0.051)


def test_the_map_on_a_ring_is_pytorchs() -> None:
    image, weights = torch.rand(8, 8), torch.randn(3, 3)
    ring = torch.nn.functional.pad(image[None, None], (1, 1, 1, 1), mode="circular")
    by_torch = torch.nn.functional.conv2d(ring, weights[None, None])[0, 0]
    found = ring_map(image.numpy(), weights.numpy())
    np.testing.assert_allclose(found, by_torch.numpy(), atol=1e-5)


@pytest.mark.parametrize(("dilation", "output"), [(1, 123), (2, 24)])
def test_a_strip_shows_what_the_kernel_makes(dilation: int, output: int) -> None:
    svg = dilated_strip([1, 2, 3, 4], [100, 10, 1]).svg().split("<svg")[dilation]
    assert f">{output}</text>" in svg


def test_the_vector_drawn_is_the_sum_of_the_two_drawn() -> None:
    left, right = placed().svg().split("<svg")[1:]
    bar = r'y="([\d.]+)" width="6" height="([\d.]+)" fill='
    tops = [tuple(map(float, found)) for found in re.findall(bar, left)]
    signed = [
        y + high - line if y >= line else y - line
        for row, line in zip(np.reshape(tops, (2, 6, 2)), (74, 121), strict=True)
        for y, high in row
    ]
    words, waves, sums = np.transpose(np.reshape(signed, (2, 3, 2)), (1, 0, 2))
    np.testing.assert_allclose(words + waves, sums, atol=0.03)
    np.testing.assert_allclose(-sums / 15, [[1 / 3, 0], [-2 / 3, -1 / 3]], atol=0.01)
    tall = re.findall(r'width="24" height="([\d.]+)"', right)
    assert [float(high) / 84 for high in tall] == pytest.approx([1, 0.25, 0.75])
    assert ">1.5<" in right


def test_scores_are_counted_from_the_square() -> None:
    said = seen_and_kept(SIX | {"a": FULL}, [FULLY]).svg()
    assert said.count(">21 scores<") == 5
    assert said.count(">36 scores<") == 1


def test_a_long_name_stands_in_two_lines_and_in_one_sentence() -> None:
    found = seen_and_kept(SIX, [Kept("4 heads,\n1 key and value", [True], 64)])
    assert ">4 heads,</text>" in found.svg()
    assert ">1 key and value</text>" in found.svg()
    assert "4 heads, 1 key and value 64." in found.alt


def test_areas_are_to_scale() -> None:
    left = where_operations_go(ENCODES, DECODES, {50: ENCODES}).svg().split("<svg")[1]
    sides = re.findall(r'width="([\d.]+)" height="([\d.]+)" rx="1" ', left)
    areas = [float(width) * float(height) for width, height in sides]
    work = [part.flops for part in (*ENCODES, *DECODES)]
    assert [a / areas[-1] for a in areas] == pytest.approx(
        [w / work[-1] for w in work], rel=0.02
    )


def test_the_work_is_to_scale_in_its_bill() -> None:
    sides = re.findall(r'width="336" height="([\d.]+)"', bill_and_work([BILL]).svg())
    billed, needed = map(float, sides)
    assert needed / billed == pytest.approx(BILL.needed / BILL.billed, rel=0.01)


def test_brackets_agree_as_counted() -> None:
    svg = tree_and_brackets(TREE, "(S (NP We", SPANS, OTHER).svg()
    assert ">3 of 4 brackets agree<" in svg
    assert svg.count("stroke-dasharray") == 1


def test_runs_match_as_sacrebleu_counts_them() -> None:
    ours = ("the", "cat", "the", "cat", "sat", "here")
    theirs = ("the", "cat", "sat", "on", "the", "mat")
    by_sacrebleu = BLEU(effective_order=True, tokenize="none").sentence_score(
        " ".join(ours), [" ".join(theirs)]
    )
    assert [sum(matches(ours, theirs, n)) for n in range(1, 5)] == by_sacrebleu.counts
    assert ">words: 4 of 6<" in matched_runs(("", ours, theirs)).svg()


@pytest.mark.parametrize("step", range(1, 31))
def test_the_weight_shown_is_the_sum_shown(step: int) -> None:
    before, pace, rates = 0.28444, 0.0285 * step, [0.0005 * n for n in range(1, 31)]
    after = before - rates[step - 1] * pace
    update = Update(step, SAID[:2], SAID[1:3], (0.5, 0.25), before, 1, pace, after)
    said = training_step(update, rates).svg().replace("−", "-")
    shown = re.search(r">([\d.]+) - ([\d.]+) · ([\d.]+) ([=≈]) ([\d.]+)<", said)
    assert shown
    a, b, c = map(float, shown.groups()[:3])
    assert (f"{a - b * c:.4f}" == shown[5]) == (shown[4] == "=")
    assert a - b * c == pytest.approx(float(shown[5]), abs=1.5e-4)


def test_the_way_to_the_likeliest_is_coloured() -> None:
    first, second = Candidate("a", 0.5, 0, 0), Candidate("b", 0.4, 0, 1)
    last = [Candidate("ba", 0.3, 1, 0), Candidate("aa", 0.2, 0, 1)]
    svg = search_trees("so", [[OPEN, SHUT]] * 3, [[OPEN], [first, second], last]).svg()
    coloured = [re.search(f'stroke="{KEY}"[^>]*/><text[^>]*>{x}<', svg) for x in "ab"]
    assert [bool(box) for box in coloured] == [False, True]


def test_a_tree_ends_where_the_stack_reads() -> None:
    stack = [Convolution(1, 1, width=2, dilation=n, causal=True) for n in (1, 3)]
    read = measured_receptive_field(torch.nn.Sequential(*stack), 16)[15]
    assert levels([1, 3])[-1] == read.nonzero().flatten().tolist()


def test_a_runner_stands_where_its_loss_is_and_is_hollow_in_its_warm_up() -> None:
    found = race_lanes(RACE, start=5, goal=3).svg()
    (x, one), (y, two) = re.findall(r'cx="([\d.]+)".*? fill="(.*?)"', found)
    assert (one, two) == ("currentColor", "none")
    assert (float(y) - 10) / (float(x) - 10) == pytest.approx(0.5, abs=0.01)


def test_strips_are_to_scale() -> None:
    found = time_strips(STRIPS).svg()
    wide = re.findall(r'width="([\d.]+)" height="22"', found)
    assert [float(w) / float(wide[-1]) for w in wide] == pytest.approx(
        [0.8] * 2 + [1] * 2
    )


def shapes(svg: str) -> Counter[str]:
    """What is drawn, whatever stands around it."""
    return Counter(re.findall(r"<(?:path|rect|circle|text)\b.*?>", svg))


@pytest.mark.parametrize("tap", TAPS)
def test_a_pale_cell_is_the_whole_cell(tap: str) -> None:
    panel = frame("LSTM")
    draw_lstm(panel, tap)
    assert shapes(panel.svg()) == shapes(lstm().svg())


SYMBOL = r"[a-z]\u0303?t(?:−1)?"  # with its time: c_t and h_{t-1} as ct and ht−1


def test_ink_shows_what_an_equation_names() -> None:
    cell = symbols(lstm().svg())
    assert len(cell) == 9
    for panel in lstm_equations().svg().split("<svg")[1:]:
        pale, ink = panel.split("</g>")
        equations = [words for words in labels(ink) if "=" in words]
        named = set(re.findall(SYMBOL, " ".join(equations)))
        assert named
        assert symbols(ink) == named
        assert symbols(pale) == cell - named


def labels(svg: str) -> list[str]:
    """The words of each <text>."""
    found = re.findall(r"<text.*?</text>", svg)
    return [re.sub(r"<.*?>", "", label) for label in found]


def symbols(svg: str) -> set[str]:
    """The labels that are a symbol with its time."""
    return {words for words in labels(svg) if re.fullmatch(SYMBOL, words)}


def test_every_piece_of_the_cell_stands_in_an_equation() -> None:
    assert {tap for _, taps in PIECES for tap in taps} == set(TAPS)
    assert all(taps for _, taps in PIECES)


def test_answers_move_by_their_mean_and_stand_at_their_height() -> None:
    found = silenced_token(SILENCED)
    assert ">move by 0.62<" in found.svg()
    assert "by 0.00 without the token" in found.alt
    first, second = re.findall(rf'd="(M[^"]*)" fill="{VALUE}"', found.svg())[:3:2]
    assert re.findall(r"v(\d+\.\d)", first) == ["0.0", *["14.0"] * 8]  # as long
    assert re.findall(r"v(\d+\.\d)", second) == ["14.0"] * 8  # without its value
    answer, histogram = (
        re.search(rf'd="M(\d+\.?\d*) 196v-([\d.]+)h[^"]*" fill="{role}"', found.svg())
        for role in (VALUE, "currentColor")
    )
    assert answer
    assert histogram
    assert float(answer[2]) == 2 * float(histogram[2]) == HIGH
