"""One stack that translates, against the paper's two: the same parameters and text.

Five layers of one stack have the parameters of two encoder and two decoder layers (each
look at the source is four matrices of d_model x d_model). But each of its layers reads
source and target. So an update takes it nearly twice as long, and there are two fair
ends: after as many updates, and after as much time.
"""

import dataclasses
from typing import get_args

from allyouneed.models.one_stack_translator import OneStackConfig, Sight
from allyouneed.studies import peak_search
from allyouneed.studies.nine_years import PAPER, PEAKS
from allyouneed.studies.translation_study import Study

TWO = PAPER  # recorded as a row of the contest of nine years
AS_LONG = 550  # updates of one stack that take about as long as all of the two's
PILOT = "one-stack-pilot"


def rows() -> list[Study]:
    """One stack whose source sees its past, and one whose source sees all of itself."""
    return [
        dataclasses.replace(
            TWO,
            row=f"one stack, source sees {sees}",
            part="one stack",
            looks=(AS_LONG,),
            model=OneStackConfig(
                vocab=TWO.model.vocab,
                d_model=TWO.model.d_model,
                layers=5,
                heads=4,
                d_ff=256,
                source_sees=sees,
            ),
        )
        for sees in get_args(Sight)
    ]


def pilot() -> list[Study]:
    """Both at the peaks that two stacks had, and more where the best is at an edge."""
    return peak_search.pilot(rows(), PILOT, PEAKS)


def contest() -> list[Study]:
    """Both at the peak that was best for each.

    Raises:
        ValueError: the pilot is not recorded to its end.
    """
    return peak_search.contest(rows(), PILOT, PEAKS)
