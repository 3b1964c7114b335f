"""What all others stand on: the machine, whole files, plain text, the first four ids.

You are here for a device, a precision, a clock, or a file on disk. Only `runtime` names
CUDA or MPS; elsewhere device and precision follow from the data.
"""

from typing import TYPE_CHECKING

from allyouneed._doors import door

if TYPE_CHECKING:
    from allyouneed.ground import runtime, storage
    from allyouneed.ground.configurations import LATER, stated
    from allyouneed.ground.diagnosis import diagnose
    from allyouneed.ground.installation import Installation, read_smi
    from allyouneed.ground.plain_text import lines_of, tidy
    from allyouneed.ground.special_tokens import BOS, EOS, PAD, UNK
else:
    __getattr__, __all__ = door(__name__)
