"""What each word of a row sees if order is lost: one bag for all, or a growing one."""

from allyouneed.book.drawings.panel import KEY, SMALL, VALUE, Panel
from allyouneed.book.drawings.sketches import Sketch, sketch

MOST, LEFT, STEP = 6, 38, 56  # words; where the first stands, and the next
FLOOR, LINE = 176, 19  # the words' height; a letter of a bag
MARKED = "ab"


def word_bags(words: str) -> Sketch:
    """Draw the bag that each word sees in one layer, without and with a causal mask.

    Args:
        words: three to six letters, an a and a b among them once each.

    Raises:
        ValueError: more or fewer letters, or not one a and one b.
    """
    if not 3 <= len(words) <= MOST or any(words.count(x) != 1 for x in MARKED):
        raise ValueError(f"words={words!r}: give 3 to {MOST}, an a and a b once each")
    bags = [sorted(words[: i + 1]) for i in range(len(words))]
    first, other = sorted(MARKED, key=words.index)
    told = [i for i, bag in enumerate(bags) if len({*MARKED} & {*bag}) == 1]
    alt = (
        f"Six readers of {' '.join(words)}, order forgotten. Without a mask each word "
        "sees the same bag; behind a causal mask the bags grow, and "
        f"{len(told)} of them hold {first} alone: it came first."
    )
    everything = _panel("No mask: one bag for all", words, [sorted(words)] * len(words))
    growing = _panel("Causal mask: a bag for each", words, bags)
    everything.text(180, 214, "nothing tells which came first", size=SMALL)
    for i in told:
        high = LINE * len(bags[i]) + 8
        growing.lit(LEFT + STEP * i, FLOOR - 30 - high / 2, 30, high)
    growing.text(180, 214, f"framed: {first} without {other}", size=SMALL)
    return sketch(everything, growing, alt=alt)


def _panel(title: str, words: str, bags: list[list[str]]) -> Panel:
    panel = Panel(360, 226, title=title)
    for i, (word, bag) in enumerate(zip(words, bags, strict=True)):
        x, high = LEFT + STEP * i, LINE * len(bag) + 8
        panel.data(x, FLOOR - 30 - high / 2, 30, high, role=VALUE)
        for j, letter in enumerate(bag):
            y = FLOOR - 30 - high + LINE * (j + 1) - 1
            panel.text(x, y, letter, mono=True, bold=letter in MARKED)
        panel.wire((x, FLOOR - 14), (x, FLOOR - 28))
        panel.data(x, FLOOR, 34, 24, role=KEY)
        panel.text(x, FLOOR + 4.5, word, mono=True, bold=word in MARKED)
    return panel
