"""Sphinx extension: the search finds Chinese words of two characters.

Sphinx takes a run of Chinese characters for one word. Here the run is cut into pairs
that overlap, in the index and in the query: every stretch of two characters or more is
found, without a dictionary. English words are split and stemmed as before.
"""

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.search.en import SearchEnglish

HAN = re.compile("([\u3400-\u9fff]+)")


class Pairs(SearchEnglish):
    """English words, and Chinese ones as pairs of characters."""

    js_splitter_code = """
function splitQuery(query) {
  const pairs = (run) => [...run].slice(1).map((_, i) => run.slice(i, i + 2));
  return query.split(/[^\\p{Letter}\\p{Number}_]+/gu)
    .flatMap((word) => word.split(/([\\u3400-\\u9fff]+)/))
    .flatMap((part) => (/^[\\u3400-\\u9fff]{2}/.test(part) ? pairs(part) : [part]))
    .filter(Boolean);
}"""

    def split(self, input: str) -> list[str]:
        """Cut a text into English words and pairs of Chinese characters."""
        found = []
        for word in super().split(input):
            for part in HAN.split(word):
                if HAN.match(part) and len(part) > 1:
                    found += [part[i : i + 2] for i in range(len(part) - 1)]
                elif part:
                    found.append(part)
        return found


def setup(app: Sphinx) -> dict[str, Any]:
    """Take the place of the search in English."""
    app.add_search_language(Pairs)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
