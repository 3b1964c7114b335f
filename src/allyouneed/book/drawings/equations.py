"""An LSTM by its equations: the whole cell, and in ink what an equation names."""

from allyouneed.book.drawings.cells import TAPS, draw_lstm, frame
from allyouneed.book.drawings.panel import NAME, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

TITLES = (
    "1 · Forget gate",
    "2 · Input gate and candidate",
    "3 · New cell state",
    "4 · Output gate and new hidden state",
)
GATE = "${0}_t$ = σ($x_t W_{{x{0}}} + h_{{t-1}} W_{{h{0}}} + b_{0}$)"
EQUATIONS = (
    (GATE.format("f"),),
    (GATE.format("i"), "$c̃_t$ = tanh($x_t W_{xc} + h_{t-1} W_{hc} + b_c$)"),
    ("$c_t = f_t ⊙ c_{t-1} + i_t ⊙ c̃_t$",),
    (GATE.format("o"), "$h_t = o_t ⊙$ tanh($c_t$)"),
)
SAID = (
    "How much of each old number stays: 0 to 1.",
    "How much to write, and what.",
    "Keep, then add: no matrix touches the line.",
    "How much of the line the others see.",
)


def lstm_equations() -> Sketch:
    """Draw the same cell four times, each with its part in ink over its equation."""
    alt = (
        "The same LSTM cell four times, one part in ink, the rest pale. The forget "
        "gate comes from the word and the old hidden state; so do the input gate and "
        "the candidate. The new cell state is the old one times the forget gate plus "
        "the candidate times the input gate. The output gate reads it."
    )
    return sketch(*map(_equation, range(len(TAPS))), alt=alt)


def _equation(at: int) -> Panel:
    lines = EQUATIONS[at]
    below = 320 + 25 * len(lines)
    panel = frame(TITLES[at], high=below + 12)
    draw_lstm(panel, TAPS[at])
    for row, words in enumerate(lines):
        panel.text(180, 320 + 25 * row, words, size=NAME)
    panel.text(180, below, SAID[at])
    return panel
