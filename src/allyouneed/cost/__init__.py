"""Cost: time, memory and operations, of a layer, of a model, and of its peers.

You are here to measure something (`measure`), to count it (`complexity` a layer,
`transformer_cost` a model), or to time us beside other libraries.
"""

from typing import TYPE_CHECKING

from allyouneed._doors import door

if TYPE_CHECKING:
    from allyouneed.cost import benchmarks, complexity, measure, peer_timings
    from allyouneed.cost.measure import exponent, ratio, side_by_side
    from allyouneed.cost.transformer_cost import (
        FOOTNOTE_5,
        Run,
        attention_flops,
        encoder_flops,
        forward_flops,
        parameters,
        six_nd,
        training_flops,
    )
else:
    __getattr__, __all__ = door(__name__)
