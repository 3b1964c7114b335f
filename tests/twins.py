"""PyTorch's own layers with the weights of ours: the independent route of our tests."""

import torch
from torch import Tensor, nn

from allyouneed.models.transformer import DecoderLayer, EncoderLayer, Transformer
from allyouneed.nn.attention import MultiHeadAttention
from allyouneed.nn.norms import Unnormed

Pairs = list[tuple[Tensor, Tensor]]


@torch.no_grad()
def copy(pairs: Pairs) -> None:
    for theirs, ours in pairs:
        theirs.copy_(ours)


def attention_pairs(theirs: nn.MultiheadAttention, ours: MultiHeadAttention) -> Pairs:
    stacked = [ours.query, ours.key, ours.value]
    pairs = [
        (theirs.in_proj_weight, torch.cat([p.weight for p in stacked])),
        (theirs.out_proj.weight, ours.output.weight),
    ]
    if ours.output.bias is not None:
        pairs += [
            (theirs.in_proj_bias, torch.cat([p.bias for p in stacked])),
            (theirs.out_proj.bias, ours.output.bias),
        ]
    return pairs


def encoder_layer(ours: EncoderLayer, **sizes: int | bool) -> nn.Module:
    theirs = nn.TransformerEncoderLayer(
        **sizes, dropout=0.0, batch_first=True, dtype=torch.double
    )
    copy(attention_pairs(theirs.self_attn, ours.attention) + _rest(theirs, ours))
    return theirs


def decoder_layer(ours: DecoderLayer, **sizes: int | bool) -> nn.Module:
    theirs = nn.TransformerDecoderLayer(
        **sizes, dropout=0.0, batch_first=True, dtype=torch.double
    )
    copy(
        attention_pairs(theirs.self_attn, ours.attention)
        + attention_pairs(theirs.multihead_attn, ours.cross_attention)
        + _rest(theirs, ours)
    )
    return theirs


def _rest(theirs: nn.Module, ours: EncoderLayer | DecoderLayer) -> Pairs:
    pairs = [
        (theirs.linear1.weight, ours.feed_forward.hidden.weight),
        (theirs.linear1.bias, ours.feed_forward.hidden.bias),
        (theirs.linear2.weight, ours.feed_forward.output.weight),
        (theirs.linear2.bias, ours.feed_forward.output.bias),
    ]
    for i, residual in enumerate(ours.around, start=1):
        norm = getattr(theirs, f"norm{i}")
        pairs += [(norm.weight, residual.norm.gain), (norm.bias, residual.norm.bias)]
    return pairs


def stacks(ours: Transformer) -> tuple[nn.TransformerEncoder, nn.TransformerDecoder]:
    """PyTorch's encoder and decoder stacks with our layers' weights."""
    config = ours.config
    sizes = {
        "d_model": config.d_model,
        "nhead": config.heads,
        "dim_feedforward": config.d_ff,
        "norm_first": config.wiring == "pre",
    }
    encoder = nn.TransformerEncoder(
        encoder_layer(ours.encoder[0], **sizes),
        config.layers,
        norm=_norm(ours.encoder_norm),
        enable_nested_tensor=False,
    )
    decoder = nn.TransformerDecoder(
        decoder_layer(ours.decoder[0], **sizes),
        config.layers,
        norm=_norm(ours.decoder_norm),
    )
    encoder.layers = nn.ModuleList(encoder_layer(x, **sizes) for x in ours.encoder)
    decoder.layers = nn.ModuleList(decoder_layer(x, **sizes) for x in ours.decoder)
    return encoder, decoder


def _norm(ours: nn.Module) -> nn.LayerNorm | None:
    if isinstance(ours, Unnormed):
        return None
    theirs = nn.LayerNorm(len(ours.gain), dtype=torch.double)
    copy([(theirs.weight, ours.gain), (theirs.bias, ours.bias)])
    return theirs
