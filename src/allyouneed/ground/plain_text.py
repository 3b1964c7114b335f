"""Text as people have it: the lines of a file, and what in a sentence does not show."""

import codecs
import re
import unicodedata

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Soft hyphens, joiners, marks of direction and of byte order. None of them shows, but
# two joiners (U+200C, U+200D) change how their neighbours do: in Persian, in emoji.
UNSEEN = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
LIGATURES = re.compile("[\ufb00-\ufb06]")  # one character for ff, fi, fl, ffi, ffl, st


def tidy(sentence: str) -> str:
    r"""The sentence as every corpus has it: for what is learnt, and what is translated.

    Blanks are single and plain, with none at the ends. What does not show is gone, an
    accent is one character with its letter, and printers' ligatures are letters again.
    Joiners go as well, so an emoji of several parts falls into these, and Persian words
    lose the marks that keep two letters apart.

    >>> tidy("\ufeffThe\u00a0\ufb01le  is o\u00adpen.\t")
    'The file is open.'
    """
    seen = unicodedata.normalize("NFC", UNSEEN.sub("", sentence))
    plain = LIGATURES.sub(lambda x: unicodedata.normalize("NFKC", x[0]), seen)
    return " ".join(plain.split())


def lines_of(content: bytes, *, name: str) -> list[str]:
    r"""Lines of a text in UTF-8, or in UTF-16 where its mark comes first.

    Only a line feed ends a line, with or without a carriage return before it: what else
    `str.splitlines` takes for an end stands within one.

    Args:
        content: the bytes.
        name: what to call the text in an error.

    Raises:
        ValueError: it is no such text; it names the line.

    >>> lines_of("a\u2028b\r\nc".encode(), name="example")
    ['a\u2028b', 'c']
    """
    codec = "UTF-16" if content.startswith(UTF_16) else "utf-8-sig"
    try:
        text = content.decode(codec)
        wrong = text.find("\0")
        number = text.count("\n", 0, wrong) + 1
    except UnicodeDecodeError as error:
        wrong, number = error.start, content.count(b"\n", 0, error.start) + 1
    if wrong >= 0:
        raise ValueError(
            f"{name}, line {number}: no text in UTF-8. Convert it, perhaps by "
            "`iconv -f ISO-8859-1 -t UTF-8`, or from UTF-16"
        )
    rows = text.split("\n")
    return [row.removesuffix("\r") for row in (rows if rows[-1] else rows[:-1])]
