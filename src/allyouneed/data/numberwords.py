"""Numbers and their German names: a translation whose every sentence is one word.

A task on which a perfect translator has a BLEU of 0, since no sentence has 4 words.
"""

Names = tuple[str, ...]
ONES: Names = (
    "", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun",
)  # fmt: skip
TEENS: Names = (
    "zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn", "siebzehn",
    "achtzehn", "neunzehn",
)  # fmt: skip
TENS: Names = (
    "", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig",
    "neunzig",
)  # fmt: skip


def german(number: int) -> str:
    """Write a number from 1 to 999 out, in one word.

    Raises:
        ValueError: the number is none of these.

    >>> german(345)
    'dreihundertfünfundvierzig'
    >>> german(101), german(17), german(21)
    ('einhunderteins', 'siebzehn', 'einundzwanzig')
    """
    if not 1 <= number <= 999:
        raise ValueError(f"{number=}: give one from 1 to 999")
    hundreds, rest = divmod(number, 100)
    return (ONES[hundreds] + "hundert" if hundreds else "") + _below_100(rest)


def _below_100(number: int) -> str:
    tens, ones = divmod(number, 10)
    if number == 1:
        return "eins"
    if tens == 0:
        return ONES[ones]
    if tens == 1:
        return TEENS[ones]
    return (ONES[ones] + "und" if ones else "") + TENS[tens]


def pairs() -> list[tuple[str, str]]:
    """All numbers from 1 to 999 in digits, each with its name.

    >>> pairs()[41]
    ('42', 'zweiundvierzig')
    """
    return [(str(number), german(number)) for number in range(1, 1000)]
