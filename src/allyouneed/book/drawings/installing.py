"""Driver, CUDA, PyTorch and toolkit on one machine: what carries what, who is asked."""

import re
from dataclasses import dataclass

from allyouneed.book.drawings.panel import KEY, MASK, QUERY, SMALL, VALUE, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

MIDDLE, WIDE = 122, 216  # of the stack
ASKED = (  # a question, and what answers it
    ("nvidia-smi", "the driver, and the newest", "CUDA that it can run", QUERY),
    ("torch.version.cuda", "the CUDA that PyTorch", "was built for", KEY),
    ("nvcc --version", "the toolkit: a compiler", "that PyTorch does not need", MASK),
    (
        "torch.cuda.is_available()",
        "from your code down to the",
        "driver: is there a GPU?",
        VALUE,
    ),
)


@dataclass(frozen=True)
class Versions:
    """The versions of one machine, as they are written: 566.24, 12.7, 12.6, 12.6.

    Attributes:
        driver: of the driver.
        newest: the newest CUDA that it runs.
        built: the CUDA that PyTorch was built for; None without CUDA.
        toolkit: of the compiler.
        fits: whether the driver runs the build.
    """

    driver: str
    newest: str
    built: str | None
    toolkit: str
    fits: bool

    def __post_init__(self) -> None:
        given = (self.driver, self.newest, self.built or "1.0", self.toolkit)
        if not all(re.fullmatch(r"\d+(\.\d+)+", version) for version in given):
            raise ValueError(f"versions {given}: give numbers with dots, such as 12.6")


def four_versions(versions: Versions) -> Sketch:
    """Draw the way from your code down to the GPU, and who is asked for what."""
    alt = (
        "A stack: your code, PyTorch with CUDA libraries of its own, the driver, the "
        "GPU. The driver must run the CUDA that PyTorch was built for. The toolkit "
        "stands beside the stack: only compiling needs it. Four commands ask four "
        "different parts."
    )
    return sketch(_stack(versions), _questions(), alt=alt)


def _stack(versions: Versions) -> Panel:
    panel = Panel(360, 266, title="What carries what")
    panel.data(MIDDLE, 48, WIDE, 28, "your code")
    panel.card(MIDDLE - WIDE / 2, 78, WIDE, 62)
    panel.text(MIDDLE, 96, "PyTorch")
    if versions.built:
        panel.data(MIDDLE, 119, 190, 28, f"its own CUDA {versions.built}", role=KEY)
    else:
        panel.ghost(MIDDLE, 119, 190, 28, role=KEY)
        panel.text(MIDDLE, 123.5, "no CUDA", faint=True)
    words = f"driver {versions.driver}\nknows CUDA up to {versions.newest}"
    panel.data(MIDDLE, 196, WIDE, 40, words, role=QUERY)
    panel.data(MIDDLE, 249, WIDE, 28, "GPU", role=VALUE)
    panel.wire((MIDDLE, 62), (MIDDLE, 78))
    panel.wire((MIDDLE, 216), (MIDDLE, 235))
    if versions.fits:
        panel.wire((MIDDLE, 140), (MIDDLE, 176))
        panel.text(MIDDLE + 10, 162, "fits", align="start", bold=True)
    elif versions.built:
        panel.point(MIDDLE, 158, "×")
        panel.text(MIDDLE + 18, 162, "driver too old", align="start", bold=True)
    else:
        panel.text(MIDDLE, 162, "nobody asks the driver", bold=True)
    panel.data(300, 119, 104, 42, f"toolkit\n{versions.toolkit}", role=MASK)
    panel.text(300, 160, "only to compile", size=SMALL, faint=True)
    return panel


def _questions() -> Panel:
    panel = Panel(360, 266, title="Who answers which question")
    for row, (asked, first, second, role) in enumerate(ASKED):
        y = 50 + 56 * row
        panel.box(8, y + 8, 5, 42, role=role, rx=2, tint=0.16)
        panel.text(20, y, asked, align="start", mono=True, size=SMALL)
        panel.text(20, y + 17, first, align="start")
        panel.text(20, y + 32, second, align="start")
    return panel
