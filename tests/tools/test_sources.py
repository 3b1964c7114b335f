"""The list at a chapter's end says where the things lie that its cells import."""

from pathlib import Path

import nbformat
import pytest
import sources
from address import configured
from chapter import ROOT, read
from nbformat import NotebookNode

CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
HERE = "https://github.com/a/b"


def notebook(*cells: str) -> NotebookNode:
    code = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return nbformat.v4.new_notebook(
        cells=[*code, nbformat.v4.new_markdown_cell("End.")]
    )


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_every_chapter_has_its_list(path: Path) -> None:
    chapter = read(path)
    text = sources.renewed(chapter, configured(ROOT))
    assert chapter.cells[-1].source == text, "run: make sources"
    for link in text.split("/blob/main/")[1:]:
        assert (ROOT / link.partition(")")[0]).is_file()


def test_names_are_found_through_doors_and_modules() -> None:
    made = notebook(
        "%pip install torch",
        "from allyouneed import attention, data\nfrom allyouneed.nn import KVCache\n"
        "from allyouneed.book import BLUE, show\nimport torch",
        "from allyouneed.models.transformer import EncoderLayer as Layer\n"
        "attention.attend\ndata.load('help')",
    )
    place = f"({HERE}/blob/main/src/allyouneed"
    assert sources.listed(made, HERE).split("\n") == [
        "Source of what was imported:",
        f"[`attention.attend`]{place}/nn/attention.py) ·",
        f"[`KVCache`]{place}/nn/kv_cache.py) ·",
        f"[`data.load`]{place}/data/corpora.py) ·",
        f"[`EncoderLayer`]{place}/models/layers.py) ·",
        f"[`show`]{place}/book/figures.py)",
    ]


def test_an_older_list_is_replaced() -> None:
    made = notebook("from allyouneed.book import show")
    once = sources.renewed(made, HERE)
    assert once.startswith("End.\n\nSource of what was imported:\n[`show`]")
    made.cells[-1].source = once
    assert sources.renewed(made, HERE) == once
    made.cells[-1].source = "End.\n\nSources: [`old`](x) ·\n[`older`](y)"
    assert sources.renewed(made, HERE) == once
