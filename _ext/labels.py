"""Sphinx extension: a work is called the same in the list as where it is cited.

Chapters say "Vaswani et al., 2017"; the list is sorted by author and says so too.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pybtex.database import Entry, Person
from pybtex.plugin import register_plugin
from pybtex.style.formatting.unsrt import Style as Plain
from pybtex.style.labels import BaseLabelStyle
from sphinx.application import Sphinx

NAME = "author_year"


def surname(person: Person) -> str:
    """A family name with what belongs before it: van den Oord."""
    parts = (*person.rich_prelast_names, *person.rich_last_names)
    return " ".join(map(str, parts))


def label(work: Entry) -> str:
    """Author and year: one, two, or the first of many."""
    names = [surname(person) for person in work.persons["author"]]
    said = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return f"{said}, {work.fields['year']}"


class Labels(BaseLabelStyle):
    """Author and year, as sphinxcontrib-bibtex cites them."""

    def format_labels(self, sorted_entries: Iterable[Entry]) -> Iterator[str]:
        """One label for each work."""
        yield from map(label, sorted_entries)


class Style(Plain):
    """Works by author, then by year."""

    default_sorting_style = "author_year_title"
    default_label_style = NAME


def setup(_app: Sphinx) -> dict[str, Any]:
    """Offer the style to `bibtex_default_style`."""
    register_plugin("pybtex.style.labels", NAME, Labels)
    register_plugin("pybtex.style.formatting", NAME, Style)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
