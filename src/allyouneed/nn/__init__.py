"""Layers: attention and what stands around it in the paper, and what came before.

You are here for one layer: its formula, its mask, its cache, its initial weights. How
layers become a model is the business of `models`.
"""

from typing import TYPE_CHECKING

from allyouneed._doors import door

if TYPE_CHECKING:
    from allyouneed.nn.alignment import Additive, Multiplicative, ScaledDot
    from allyouneed.nn.attention import (
        MultiHeadAttention,
        attend,
        attention_weights,
        watch,
    )
    from allyouneed.nn.convolution import (
        Convolution,
        convolve,
        measured_receptive_field,
        receptive_field,
    )
    from allyouneed.nn.dropout import Dropout
    from allyouneed.nn.feedforward import Embedding, FeedForward
    from allyouneed.nn.kv_cache import KVCache
    from allyouneed.nn.local_attention import LocalAttention, attend_locally, local_mask
    from allyouneed.nn.long_attention import (
        LinearAttention,
        Pattern,
        PatternedAttention,
        attend_linearly,
        features,
        linear_step,
    )
    from allyouneed.nn.losses import label_smoothing, perplexity, vocabulary_loss
    from allyouneed.nn.masks import causal_mask, padding_mask, prefix_mask
    from allyouneed.nn.norms import (
        BatchNorm,
        GroupNorm,
        LayerNorm,
        Residual,
        RMSNorm,
        standardise,
    )
    from allyouneed.nn.packing import Packing
    from allyouneed.nn.positions import Learned, Sinusoidal, sinusoids
    from allyouneed.nn.recurrent import GRU, LSTM, RNN, clip_by_norm, watch_gates
    from allyouneed.nn.relative_positions import (
        Rotary,
        bucket,
        relation,
        rotate,
        slopes,
    )
else:
    __getattr__, __all__ = door(__name__)
