"""Figures carry their own description and their page's own ink."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

from allyouneed.book.figures import INK, Plot, heatmap, show


@pytest.fixture
def drawn() -> Plot:
    with plt.style.context("allyouneed.book"):
        figure, axes = plt.subplots()
        axes.plot([0, 1], label="x")
        axes.legend()
        return show(figure, alt="A line that rises & rises.")


def test_ink_is_left_to_the_page(drawn: Plot) -> None:
    assert "currentColor" in drawn.svg()
    assert INK not in drawn.svg()


def test_the_description_is_escaped_into_the_image(drawn: Plot) -> None:
    head = drawn.svg().partition(">")[0]
    assert 'role="img"' in head
    assert 'aria-label="A line that rises &amp; rises."' in head


def test_two_drawings_are_the_same_bytes(drawn: Plot) -> None:
    assert drawn.svg() == drawn.svg()


def test_two_figures_of_a_page_share_no_id(drawn: Plot) -> None:
    with plt.style.context("allyouneed.book"):
        figure, axes = plt.subplots()
        axes.plot([1, 0], label="x")
        other = show(figure, alt=drawn.alt)
    first, second = (set(re.findall(r'\sid="(.*?)"', d.svg())) for d in (drawn, other))
    assert first
    assert not first & second


def test_every_reference_has_its_target(drawn: Plot) -> None:
    used = set(re.findall(r'(?:href="|url\()#([\w-]+)', drawn.svg()))
    assert used == set(re.findall(r'\sid="(.*?)"', drawn.svg()))


def test_no_style_leaks_to_the_page(drawn: Plot) -> None:
    assert "<style" not in drawn.svg()


def test_coordinates_are_short_and_in_place() -> None:
    figure, axes = plt.subplots(figsize=(1, 1))
    axes.set(position=(0, 0, 1, 1), xlim=(0, 16), ylim=(0, 16))
    axes.plot([1, 2], [1, 2], color="#123456")
    line = re.search(r'd="([^"]*)"[^>]*#123456', show(figure, alt="A line.").svg())
    assert line
    assert line[1].split() == ["M", "4.5", "67.5", "L", "9", "63"]


def test_a_heatmap_is_one_small_picture_of_a_pixel_per_weight() -> None:
    with plt.style.context("allyouneed.book"):
        figure, axes = plt.subplots()
        heatmap(axes, np.eye(3), queries=list("abc"), keys=list("def"))
    svg = show(figure, alt="Ones on the diagonal.").svg()
    assert 'width="3" height="3"' in svg


def test_a_notebook_shows_it_once(drawn: Plot) -> None:
    assert drawn.figure.number not in plt.get_fignums()


def test_alt_is_not_optional() -> None:
    with pytest.raises(ValueError, match="alt must say"):
        show(plt.figure(), alt=" ")
