"""What a piece of work takes of the processor, however busy the machine is.

A clock on the wall also counts the time in which other programs had the core. Use this
where a verdict hangs on a ratio, and `measure.side_by_side` where a reader has to wait.
"""

from collections.abc import Mapping

import torch

from allyouneed.cost.measure import Work, turns


def processor_seconds(
    works: Mapping[str, Work],
    *,
    device: torch.device,
    rounds: int = 5,
    least: float = 0.002,
) -> dict[str, list[float]]:
    """Processor seconds of one call of each work, round by round, taking turns.

    All threads of this process are counted together. What disturbs a machine only adds
    to them, so the fewest of several rounds say what a call takes. On a GPU, whose work
    no processor clock sees, these are the seconds of `side_by_side`.

    Raises:
        ValueError: there is no work, or `rounds` is below 1.
    """
    taken = turns(works, device=device, rounds=rounds, least=least)
    on_cpu = device.type == "cpu"
    return {
        name: [turn.processor if on_cpu else turn.seconds for turn in own]
        for name, own in taken.items()
    }
