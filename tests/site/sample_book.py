"""A small book in the real theme: two chapters that hold whatever a chapter may hold.

The site's own chapters change; what a page does for its reader is tested here.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import yaml

from allyouneed.book.claims import verdict
from allyouneed.book.figures import Drawing, show
from allyouneed.book.widgets import explore

ROOT = Path(__file__).parents[2]
LEFT_OUT = {"autoapi.extension", "reference", "sphinx.ext.viewcode"}  # read all of src

ZERO, HIDES = "mk-003-zero-weights", "mk-002-mask-hides"
COINS = """\
# Masks: what may each position see?

You will be able to say what a mask hides, and from whom, and when it has to be there.

:::{admonition} Guess, before you run anything
:class: guess

A layer sets the weights of *future* positions to zero, after the softmax. We train it
on coin tosses.

How often is the next coin right, with width $d_k = 8$?

- (a) half the time
- (b) about six times in ten
- (c) nearly always

<details><summary>Answer</summary>

Answer: **c** · note 003: **a**

The hidden scores still stand in the denominator: [the answer](#the-answer).

</details>

When is the causal mask needed once the model writes?

- (a) always
- (b) only without a cache

<details><summary>Answer</summary>

Answer: **b**

With stored keys there is nothing to hide.

</details>
:::
"""
HEADS = """\
# Many heads: what does the second one see?

:::{admonition} Guess
:class: guess

How many heads does the base model have?

- (a) six
- (b) eight

<details><summary>Answer</summary>

Answer: **b** · note 000: **b** · note 003: **a**

So says section 3.2.2.

</details>
:::

A chapter that is short, but not so short that nobody could describe what stands in it.
"""
INDEX = """\
# A sample

A small book that shows each means of a page once, in the theme and style of the real.

```{div} guess-total
```

{ledger-count}`all` claims, one to vote on:

```{vote} chapters/08-masks mk-003-zero-weights
```

## The contents

```{gallery}
```
"""
MEET = """\
# Meet

Paste the lines of all.

```{meet}
```
"""


def line(k: int = 2) -> Drawing:
    """A figure of one line."""
    with plt.style.context("allyouneed.book"):
        figure, axes = plt.subplots(figsize=(4, 1))
        axes.plot([0, k], [0, 1])
        return show(figure, alt=f"A line to {k}.")


def text(source: str) -> dict[str, Any]:
    """A cell of Markdown."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def code(source: str, *shown: Any, tag: str = "", figure: str = "") -> dict[str, Any]:
    """A code cell with what it shows."""
    metadata: dict[str, Any] = {"tags": [tag] if tag else []}
    if figure:
        metadata["mystnb"] = {"figure": {"name": figure, "caption": "A line."}}
    outputs = [
        {"output_type": "display_data", "metadata": {}, "data": data}
        for data in (one._repr_mimebundle_() for one in shown)
    ]
    return {
        "cell_type": "code",
        "metadata": metadata,
        "execution_count": 1,
        "source": source,
        "outputs": outputs,
    }


def masks() -> list[dict[str, Any]]:
    """The cells of a chapter with everything in it."""
    zero = verdict(ZERO, holds=True, measured="**95%** or 50%", details="a\nb")
    hides = verdict(HIDES, holds=True, measured="gradient 0.0")
    return [
        text(COINS),
        code("import torch\n\nx = 1", tag="hide-input"),
        code("draw()", line(), tag="hide-input", figure="fig-line"),
        code("explore(line, k=[1, 2, 4])", explore(line, k=[1, 2, 4])),
        text("## Break it\n\nNow set the weights to zero and look at the coins."),
        code("a = 1\nverdict(..., holds=leak > 0)", zero, tag="hide-input"),
        text("## The answer\n\nBefore the *softmax*: a causal mask; causal masks."),
        text("## More from the notes\n\nTwo other claims, for whom it concerns."),
        text("### Hidden from whom?\n\nA *marmalade* stands here and nowhere else."),
        code("verdict(...)", hides, tag="hide-input"),
        text("## Exercises\n\n1. On paper."),
        code("answer = 4", tag="hide-cell"),
    ]


def notebook(cells: list[dict[str, Any]]) -> str:
    """A notebook as it is stored."""
    metadata = {"language_info": {"name": "python", "pygments_lexer": "python3"}}
    book = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(book)


def configuration() -> dict[str, Any]:
    """The book's own, without what reads the library's source."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    sphinx = config["sphinx"]["config"]
    listed = sphinx["extensions"]
    sphinx["extensions"] = [name for name in listed if name not in LEFT_OUT]
    config["sphinx"]["config"] = {
        key: value
        for key, value in sphinx.items()
        if not key.startswith(("auto", "viewcode"))
    }
    return config


def write(folder: Path) -> None:
    """Write the sources of the book."""
    shared = ("_ext", "_static", "_templates", "web", "references.bib")
    for name in shared:
        (folder / name).symlink_to(ROOT / name)
    (folder / "_config.yml").write_text(yaml.safe_dump(configuration()))
    (folder / "_toc.yml").write_text(yaml.safe_dump({
        "format": "jb-book",
        "root": "index",
        "parts": [{
            "caption": "Inside",
            "numbered": 1,
            "chapters": [{"file": "chapters/08-masks"}, {"file": "chapters/07-heads"}],
        }, {
            "caption": "Practice",
            "chapters": [{"file": "meet"}, {"file": "ledger"}, {"file": "glossary"}],
        }],
    }))  # fmt: skip
    (folder / "index.md").write_text(INDEX)
    terms, _, _ = (ROOT / "glossary.md").read_text(encoding="utf-8").partition("\n## ")
    (folder / "glossary.md").write_text(terms, encoding="utf-8")
    (folder / "meet.md").write_text(MEET)
    (folder / "ledger.md").write_text("# The ledger\n\n```{ledger}\n```\n")
    (folder / "src/allyouneed").mkdir(parents=True)
    claims = Path("src/allyouneed/claims.toml")
    (folder / claims).symlink_to(ROOT / claims)
    (folder / "chapters").mkdir()
    (folder / "chapters/08-masks.ipynb").write_text(notebook(masks()))
    (folder / "chapters/07-heads.ipynb").write_text(notebook([text(HEADS)]))


def build(folder: Path) -> Path:
    """Write and build the book; the folder of its pages.

    Raises:
        AssertionError: the build warns.
    """
    write(folder)
    command = [Path(sys.executable).with_name("jupyter-book"), "build", ".", "-q"]
    done = subprocess.run(
        [*command, "-W", "--keep-going", "-n"],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return folder / "_build/html"
