"""Outputs in Chinese: the stored ones, and those of a notebook that is running."""

from typing import Any

from IPython.core.getipython import get_ipython

from allyouneed.book.language import Words, in_markdown, in_output, table
from allyouneed.book.svg_labels import in_drawings

WIDGET = "application/vnd.jupyter.widget-view+json"


def speak(page: str) -> None:
    """From here on, this notebook shows what its cells say in Chinese.

    Numbers, code and plain text stay; a sentence without Chinese stays English. Sliders
    show their stored frames, because a widget asks for new ones past this place.

    Args:
        page: the chapter's name, such as 06-scaled-attention.

    Raises:
        ValueError: the chapter has no Chinese.
        RuntimeError: this is no notebook.
    """
    words = table(page)
    if not words.entries.keys() - table().entries.keys():
        raise ValueError(f"{page=} has no Chinese: name a file of allyouneed/zh")
    shell = get_ipython()
    formatter = shell.display_formatter if shell else None
    if formatter is None:
        raise RuntimeError("speak changes how a notebook shows outputs: call it in one")
    plain = type(formatter).format

    def format_in_chinese(*args: Any, **kwargs: Any) -> Any:
        data, metadata = plain(formatter, *args, **kwargs)
        translate_output(data, words)
        if "text/html" in data:
            data.pop(WIDGET, None)
        return data, metadata

    formatter.format = format_in_chinese  # type: ignore[method-assign]


def translate_output(data: dict[str, str], words: Words) -> None:
    """Put Chinese into what a cell shows; its plain text, unseen beside HTML, stays."""
    if "text/html" in data:
        data["text/html"] = in_drawings(in_output(data["text/html"], words), words)
    if "text/markdown" in data:
        data["text/markdown"] = in_markdown(data["text/markdown"], words)
