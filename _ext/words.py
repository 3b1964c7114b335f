"""What the extensions say on a page, in the language of the edition.

The words stand in English where they are used. An edition in another language has a
file `words.toml` beside its configuration, whose section `site` gives them in its own.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Protocol

FILE = "words.toml"


class Placed(Protocol):
    """An application, an environment or a builder: it knows where its sources are."""

    @property
    def srcdir(self) -> Path: ...  # noqa: D102


def say(where: Placed, english: str, *values: object) -> str:
    """The words in the edition's language, `{}` filled with the values in their order.

    Raises:
        KeyError: the edition has a file of words, and these are not in it.
    """
    words = _site(Path(where.srcdir, FILE))
    return (words[english] if words else english).format(*values)


@cache
def _site(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    return tomllib.loads(path.read_text(encoding="utf-8"))["site"]
