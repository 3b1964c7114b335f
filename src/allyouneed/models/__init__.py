"""Models: how layers become a translator, or one causal sequence model.

You are here for a new model or for another wiring of an old one. Five translators share
one shape, `seq2seq.EncoderDecoder`; `translators` knows them all by name.
"""

from typing import TYPE_CHECKING

from allyouneed._doors import door

if TYPE_CHECKING:
    from allyouneed.models.convolutional_translator import (
        ConvolutionalConfig,
        ConvolutionalTranslator,
    )
    from allyouneed.models.ensembles import Ensemble
    from allyouneed.models.head_pruning import prune, pruned
    from allyouneed.models.layers import DecoderLayer, EncoderLayer, TransformerConfig
    from allyouneed.models.long_models import LongConfig, long_model
    from allyouneed.models.one_stack import PatchStack, Stack, TextStack, cut
    from allyouneed.models.one_stack_translator import (
        OneStackConfig,
        OneStackTranslator,
    )
    from allyouneed.models.recurrent_translator import (
        RecurrentConfig,
        RecurrentTranslator,
    )
    from allyouneed.models.seq2seq import EncoderDecoder, Translator
    from allyouneed.models.sequence_models import MixerConfig, SequenceModel
    from allyouneed.models.transformer import Transformer
    from allyouneed.models.translators import build
else:
    __getattr__, __all__ = door(__name__)
