"""Numbers as a card says them: what is exact is called exact, and all is called all."""

from collections.abc import Iterable


def within(gap: float) -> str:
    """How far two results lie apart, which are meant to be the same.

    >>> within(0.0), within(4.2e-8)
    ('exactly', 'within 4e-08')
    """
    return f"within {gap:.0e}" if gap else "exactly"


def at_least(share: float) -> str:
    """The least of several shares.

    >>> at_least(1.0), at_least(0.996), at_least(0.95)
    ('all', '99.6% or more', '95% or more')
    """
    if share == 1:
        return "all"
    said = f"{share:.0%}"
    return f"{share:.1%} or more" if said == "100%" else f"{said} or more"


def span(values: Iterable[float], form: str = ".0%") -> str:
    """The least and the greatest, or the one number if they read alike.

    >>> span([0.5, 0.25]), span([1.0, 1.0]), span([2, 3], "d")
    ('25% to 50%', '100%', '2 to 3')
    """
    found = list(values)
    low, high = format(min(found), form), format(max(found), form)
    return low if low == high else f"{low} to {high}"
