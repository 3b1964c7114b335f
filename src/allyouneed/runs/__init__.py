"""Runs: one translator, from a corpus and a recipe to its scores.

You are here for a recipe (`presets`), for what a run does from end to end, or for the
trained translators that come with the package; their weights lie in `../weights`.
"""

from typing import TYPE_CHECKING

from allyouneed._doors import door

if TYPE_CHECKING:
    from allyouneed.runs import pretrained
    from allyouneed.runs.experiments import Experiment, Running, Scores, score
    from allyouneed.runs.presets import Preset
else:
    __getattr__, __all__ = door(__name__)
