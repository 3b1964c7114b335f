"""Figure 1 with parts taken away: one stack of encoder layers, for words or patches.

Without the decoder, and with every word seen, it is BERT's form (Devlin et al., 2019);
with the past alone, GPT's (Radford et al., 2018); with patches of an image in place of
words, the Vision Transformer's (Dosovitskiy et al., 2021).

Shapes: `B` sentences, `T` positions, `d_model` features, `V` words, `P` numbers of a
patch, `H` and `W` pixels.
"""

from torch import Tensor, nn

from allyouneed.ground.special_tokens import PAD
from allyouneed.models.layers import EncoderLayer, TransformerConfig
from allyouneed.nn.dropout import Dropout
from allyouneed.nn.feedforward import Embedding
from allyouneed.nn.masks import causal_mask, padding_mask, prefix_mask
from allyouneed.nn.norms import norm
from allyouneed.nn.packing import Packing
from allyouneed.nn.positions import positions
from allyouneed.nn.relative_positions import tie


class Stack(nn.Module):
    """Positions and encoder layers, under whatever mask it is given."""

    def __init__(self, config: TransformerConfig, *, causal: bool = False) -> None:
        super().__init__()
        self.place = positions(
            config.positions, config.d_model, max_length=config.max_length
        )
        self.dropout = Dropout(config.p_drop)
        self.layers = nn.ModuleList(
            EncoderLayer(config, causal=causal) for _ in range(config.layers)
        )
        tie(self.layers)
        last = config.norm if config.wiring == "pre" else "none"
        self.norm = norm(last, config.d_model)

    def forward(
        self, x: Tensor, mask: Tensor | None = None, packing: Packing | None = None
    ) -> Tensor:
        """Mix the positions of `x` (B, T, d_model) where `mask` allows, same shape.

        With a `packing`, padding costs nothing, and becomes zeros.
        """
        x = self.place(x)
        x = self.dropout(x if packing is None else packing.pack(x))
        for layer in self.layers:
            x = layer(x, mask, packing)
        x = self.norm(x)
        return x if packing is None else packing.unpack(x)


class TextStack(nn.Module):
    """A stack that reads words, padded at the end, and scores a word at each of them.

    What a score means is a matter of training: the word that was hidden there, or the
    next one. The scores use the embedding's table once more.

    Args:
        config: sizes; `positions` of "sinusoidal" unless it says otherwise.
        causal: whether a word sees the past alone.

    >>> import torch
    >>> model = TextStack(TransformerConfig.tiny(vocab=100), causal=True)
    >>> model(torch.ones(2, 7).long()).shape
    torch.Size([2, 7, 100])
    """

    def __init__(self, config: TransformerConfig, *, causal: bool) -> None:
        super().__init__()
        self.config, self.causal = config, causal
        self.embedding = Embedding(config.vocab, config.d_model)
        self.stack = Stack(config, causal=causal)

    def states(self, tokens: Tensor, read: Tensor | None = None) -> Tensor:
        """What is known at each word: (B, T) -> (B, T, d_model).

        The first `read` (B,) words of a causal model's sentences are seen by all.
        """
        mask = padding_mask(tokens, PAD)
        if self.causal and read is not None:
            mask = prefix_mask(read, tokens.shape[1])
        elif self.causal:  # padding stands at the end, where nobody looks
            mask = causal_mask(tokens.shape[1], device=tokens.device)
        return self.stack(self.embedding(tokens), mask)

    def forward(self, tokens: Tensor, read: Tensor | None = None) -> Tensor:
        """Score each word of the vocabulary at each place: (B, T) -> (B, T, V)."""
        return self.embedding.logits(self.states(tokens, read))


class PatchStack(nn.Module):
    """A stack that reads rows of numbers in place of words, and names a class.

    ViT has a word of its own to answer at; here the mean of all states answers.

    Args:
        config: sizes; its `vocab` are the classes, its `max_length` the patches.
        numbers: of each patch, P.
    """

    def __init__(self, config: TransformerConfig, *, numbers: int) -> None:
        super().__init__()
        self.enter = nn.Linear(numbers, config.d_model)
        self.stack = Stack(config)
        self.answer = nn.Linear(config.d_model, config.vocab)

    def forward(self, patches: Tensor, mask: Tensor | None = None) -> Tensor:
        """Score each class: (B, T, P) -> (B, V)."""
        return self.answer(self.stack(self.enter(patches), mask).mean(1))


def cut(images: Tensor, height: int, width: int) -> Tensor:
    """Cut images into patches, row by row: (B, H, W) -> (B, T, height * width).

    Raises:
        ValueError: the images are not a whole number of patches high and wide.

    >>> import torch
    >>> cut(torch.arange(8).view(1, 2, 4), 2, 2).tolist()
    [[[0, 1, 4, 5], [2, 3, 6, 7]]]
    """
    high, wide = images.shape[-2:]
    if high % height or wide % width:
        raise ValueError(
            f"images of {high} x {wide} do not divide into patches of {height=}, "
            f"{width=}: choose divisors"
        )
    parts = images.unflatten(-1, (-1, width)).unflatten(-3, (-1, height))
    return parts.transpose(-3, -2).flatten(-4, -3).flatten(-2)
