"""Sliders: the frames are what was drawn; live controls draw the same and more."""

import html
import os
import re
import subprocess
import sys
from typing import Any

import matplotlib.pyplot as plt
import pytest

from allyouneed.book.figures import Drawing, show
from allyouneed.book.widgets import MOST_FRAMES, explore


def line(k: int = 2, phase: int = 0) -> Drawing:
    with plt.style.context("allyouneed.book"):
        figure, axes = plt.subplots(figsize=(2, 1))
        axes.plot([0, k], [phase, 1])
        return show(figure, alt=f"A line to {k} from {phase}.")


def labels(page: str) -> list[str]:
    """What the drawings of a page show, in the order of its frames."""
    return re.findall(r'<svg role="img" aria-label="([^"]*)"', page)


def test_every_choice_is_a_frame_and_the_default_is_shown() -> None:
    page = explore(line, k=[1, 2, 4]).html()
    shown, _, hidden = page.partition("<template>")
    assert labels(shown) == ["A line to 2 from 0."]
    assert labels(hidden) == ["A line to 1 from 0.", "A line to 4 from 0."]
    assert 'max="2" value="1" aria-valuetext="2"' in shown


def test_without_a_default_among_the_choices_the_first_is_shown() -> None:
    assert labels(explore(line, k=[3, 5]).html())[0] == "A line to 3 from 0."


def test_two_sliders_have_a_frame_for_each_pair() -> None:
    page = explore(line, k=range(1, 4), phase=["0", "1"]).html()
    assert len(labels(page)) == 3 * 2
    assert page.count('type="range"') == 2


def test_the_same_bytes_every_time() -> None:
    assert explore(line, k=[1, 2]).html() == explore(line, k=[1, 2]).html()


def test_words_of_a_name_are_words_on_the_page_and_symbols_stay() -> None:
    def drawn(hidden_units: int = 2, d_k: int = 4) -> Drawing:
        return show(plt.figure(), alt=f"{hidden_units} {d_k}")

    page = explore(drawn, hidden_units=[2], d_k=[4]).html()
    assert re.findall(r'explore-slider">(.*?) <', page) == ["hidden units", "d_k"]


def test_labels_are_escaped() -> None:
    page = explore(lambda word: line(len(word)), word=['<i>"']).html()
    assert "<i>" not in page
    assert html.escape('<i>"') in page


def test_stored_output_holds_no_widget() -> None:
    bundle = explore(line, k=[1, 2])._repr_mimebundle_()
    assert sorted(bundle) == ["text/html", "text/plain"]
    assert bundle["text/plain"] == "explore(k=[1, 2])"


def test_the_live_control_draws_each_choice() -> None:
    explorer = explore(line, k=[1, 2, 4])
    slider, picture = explorer.panel().children
    assert [choice for _, choice in slider.options] == [1, 2, 4]
    for k in (4, 1):
        slider.value = k
        assert picture.value == line(k).svg()


def test_a_range_can_be_explored_between_its_steps() -> None:
    k, phase, picture = explore(line, k=range(2, 11, 4), phase=[0, 1]).panel().children
    assert (k.min, k.max) == (2, 10)
    k.value, phase.value = 5, 1
    assert picture.value == line(5, 1).svg()


@pytest.mark.parametrize(
    ("choices", "reason"),
    [
        ({}, "0 sliders"),
        ({"k": [1], "phase": [0], "third": [0]}, "3 sliders"),
        ({"k": []}, r"k=\[\]"),
        ({"k": [1, 1]}, "each once"),
        ({"k": [[1], [2]]}, "tuples in place of lists"),
        ({"k": range(MOST_FRAMES + 1)}, f"{MOST_FRAMES + 1} frames"),
    ],
)
def test_says_which_choices_it_cannot_show(choices: dict, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        explore(line, **choices)


def test_says_what_draw_must_return() -> None:
    def forgetful(k: int) -> Any:
        return line(k).svg()

    with pytest.raises(ValueError, match="draw returned '<svg"):
        explore(forgetful, k=[1])


IN_A_KERNEL = """
from unittest.mock import MagicMock
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot as plt
from allyouneed.book.figures import show
from allyouneed.book.widgets import explore
InteractiveShell.instance().kernel = MagicMock()
bundle = explore(lambda k: show(plt.figure(), alt="x"), k=[1, 2])._repr_mimebundle_()
print(*sorted(bundle))
"""


@pytest.mark.parametrize(("static", "widget"), [("", True), ("1", False)])
def test_a_live_notebook_gets_a_widget_beside_the_frames(
    static: str, widget: bool
) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", IN_A_KERNEL],
        env={**os.environ, "ALLYOUNEED_STATIC": static, "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "text/html" in shown
    assert ("application/vnd.jupyter.widget-view+json" in shown) == widget
