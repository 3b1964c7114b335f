"""Training: one update, the loop around it, its schedule, and the file it goes on from.

You are here for the optimizer, the learning rate, several processes, or a checkpoint.
"""

from typing import TYPE_CHECKING

from allyouneed._doors import door

if TYPE_CHECKING:
    from allyouneed.training import checkpoints, distributed, muon
    from allyouneed.training.loop import held_out_loss, train
    from allyouneed.training.schedules import noam
    from allyouneed.training.updates import Step, TrainingConfig
else:
    __getattr__, __all__ = door(__name__)
