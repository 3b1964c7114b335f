"""Evaluation: how good translations are, and how sure one may be of a difference.

You are here for a metric or for a statement about seeds.
"""

from typing import TYPE_CHECKING

from allyouneed._doors import door

if TYPE_CHECKING:
    from allyouneed.evaluation.many_to_one import against_one, errors_reached
    from allyouneed.evaluation.metrics import Score, bleu, chrf, exact_match
    from allyouneed.evaluation.significance import (
        Interval,
        difference,
        seeds_needed,
        verdict_word,
    )
else:
    __getattr__, __all__ = door(__name__)
