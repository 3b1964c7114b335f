"""Figures with a slider: widgets in a live notebook, stored frames everywhere else.

`explore(draw, d_k=[4, 16, 64])` draws the figure once for each choice. The frames are
plain SVG under a native slider: they need no kernel and no library, so a static page
shows what the notebook showed. With a kernel behind it, an ipywidgets control stands in
their place. `ALLYOUNEED_STATIC=1` asks for the frames alone, to store them.
"""

import html
import inspect
import itertools
import json
import os
import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from IPython.core.getipython import get_ipython

from allyouneed.book.figures import Drawing

MOST_FRAMES = 60  # a page carries them all
Choices = Sequence[Any]

# One script for every figure of a page; it takes up those not yet at work, whoever runs
# it. A browser that fills a form in again has changed the value, not the default. The
# propagation stops because JupyterLab reads arrow keys as its own shortcuts.
SCRIPT = """\
document.querySelectorAll(".explore:not([data-ready])").forEach((figure) => {
  figure.dataset.ready = "";
  const stage = figure.querySelector(".explore-stage");
  const sliders = [...figure.querySelectorAll("input")];
  const frames = [...figure.querySelectorAll("template")]
    .map((template) => template.content.firstElementChild);
  const chosen = (given) => sliders.reduce(
    (frame, slider) => frame * (+slider.max + 1) + +slider[given], 0);
  frames.splice(chosen("defaultValue"), 0, stage.firstElementChild);
  sliders.forEach((slider) => slider.addEventListener("input", () => {
    const label = JSON.parse(slider.dataset.labels)[slider.value];
    slider.setAttribute("aria-valuetext", label);
    slider.parentElement.querySelector("output").textContent = label;
    stage.replaceChildren(frames[chosen("value")]);
  }));
  figure.addEventListener("keydown", (event) => event.stopPropagation());
});"""


@dataclass(frozen=True)
class Explorer:
    """One frame for each combination of choices, the last choice fastest.

    Attributes:
        draw: the function that drew them.
        choices: the values of each slider, by the name of the argument they go to.
        frames: the drawings as SVG.
        start: the combination shown first.
    """

    draw: Callable[..., Drawing]
    choices: Mapping[str, Choices]
    frames: Mapping[tuple[Any, ...], str]
    start: tuple[Any, ...]

    def html(self) -> str:
        """The figure as a page holds it: sliders, the first frame, the other frames."""
        others = (svg for key, svg in self.frames.items() if key != self.start)
        parts = [
            f'<div class="explore" role="group" aria-label="{self._name()}">',
            *map(_slider, self.choices, self.choices.values(), self.start),
            f'<div class="explore-stage">{self.frames[self.start]}</div>',
            *(f"<template>{svg}</template>" for svg in others),
            f"<script>\n{SCRIPT}\n</script>",
            "</div>",
        ]
        return "\n".join(parts)

    def panel(self) -> Any:
        """The figure as ipywidgets; from a `range`, any whole number can be chosen."""
        import ipywidgets  # kept from pages and machines that only read

        pairs = zip(self.choices.items(), self.start, strict=True)
        controls = [_control(name, values, first) for (name, values), first in pairs]
        picture = ipywidgets.HTML(value=self.frames[self.start])

        def redraw(_change: object) -> None:
            picture.value = self._frame(tuple(control.value for control in controls))

        for control in controls:
            control.observe(redraw, names="value")
        return ipywidgets.VBox([*controls, picture])

    def _frame(self, key: tuple[Any, ...]) -> str:
        if key in self.frames:
            return self.frames[key]
        return self.draw(**dict(zip(self.choices, key, strict=True))).svg()

    def _name(self) -> str:
        return html.escape(" and ".join(map(_label, self.choices)))

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        listed = ", ".join(f"{n}={list(v)}" for n, v in self.choices.items())
        bundle = {"text/html": self.html(), "text/plain": f"explore({listed})"}
        if not _has_live_kernel():
            return bundle
        view = {"version_major": 2, "version_minor": 0}
        view["model_id"] = self.panel().model_id
        return bundle | {"application/vnd.jupyter.widget-view+json": view}


def explore(draw: Callable[..., Drawing], **choices: Choices) -> Explorer:
    """End a cell with a figure and a slider for each of one or two arguments of `draw`.

    The slider starts at the argument's default where that is one of the choices.

    Raises:
        ValueError: not one or two sliders, a slider without choices or with one twice,
            more than MOST_FRAMES frames, or a `draw` that returns no `Drawing`.
    """
    if not 1 <= len(choices) <= 2:
        raise ValueError(f"explore has {len(choices)} sliders: name one choice, or two")
    for name, values in choices.items():
        if not all(isinstance(value, Hashable) for value in values):
            raise ValueError(f"{name}={values!r}: give tuples in place of lists")
        if len(set(values)) < max(len(values), 1):
            raise ValueError(f"{name}={values!r}: give one choice or more, each once")
    keys = list(itertools.product(*choices.values()))
    if len(keys) > MOST_FRAMES:
        raise ValueError(
            f"explore would store {len(keys)} frames: give at most {MOST_FRAMES}"
        )
    frames = {key: _drawn(draw, dict(zip(choices, key, strict=True))) for key in keys}
    start = tuple(_first(draw, name, values) for name, values in choices.items())
    return Explorer(draw, choices, frames, start)


def _drawn(draw: Callable[..., Drawing], chosen: dict[str, Any]) -> str:
    drawing = draw(**chosen)
    if not isinstance(drawing, Drawing):
        raise ValueError(f"draw returned {drawing!r:.40}: end it with return show(...)")
    return drawing.svg()


def _first(draw: Callable[..., Drawing], name: str, values: Choices) -> Any:
    argument = inspect.signature(draw).parameters.get(name)
    preset = argument.default if argument else None
    return preset if preset in list(values) else values[0]


def _slider(name: str, values: Choices, first: Any) -> str:
    labels = json.dumps([str(value) for value in values], ensure_ascii=False)
    shown = html.escape(str(first))
    return (
        f'<label class="explore-slider">{html.escape(_label(name))} '
        f'<input type="range" min="0" max="{len(values) - 1}" '
        f'value="{list(values).index(first)}" aria-valuetext="{shown}" '
        f'data-labels="{html.escape(labels)}"> <output>{shown}</output></label>'
    )


def _label(name: str) -> str:
    """The argument's name in words; `d_k` is a symbol and stays.

    >>> _label("hidden_units"), _label("d_k")
    ('hidden units', 'd_k')
    """
    return re.sub(r"(?<=\w\w)_", " ", name)


def _control(name: str, values: Choices, first: Any) -> Any:
    import ipywidgets

    if isinstance(values, range):
        return ipywidgets.IntSlider(
            description=_label(name), min=min(values), max=max(values), value=first
        )
    options = [(str(value), value) for value in values]
    return ipywidgets.SelectionSlider(
        description=_label(name), options=options, value=first
    )


def _has_live_kernel() -> bool:
    kernel = getattr(get_ipython(), "kernel", None)
    return kernel is not None and not os.environ.get("ALLYOUNEED_STATIC")
