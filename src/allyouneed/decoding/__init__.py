"""Decoding: how a model's scores become sentences.

You are here for another way to choose words. All of them ask of a model no more than
`encode` and `decode`; `translate` takes sentences and gives sentences.
"""

from typing import TYPE_CHECKING

from allyouneed._doors import door

if TYPE_CHECKING:
    from allyouneed.decoding.beam_search import (
        Hypothesis,
        beam,
        beam_steps,
        length_penalty,
    )
    from allyouneed.decoding.exact import exact_search
    from allyouneed.decoding.greedy_search import greedy, translate
    from allyouneed.decoding.sampling import sample
else:
    __getattr__, __all__ = door(__name__)
