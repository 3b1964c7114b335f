"""The recurrent translators against loops by hand, and themselves in pieces."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from allyouneed.ground.special_tokens import BOS, EOS, PAD
from allyouneed.models.recurrent_translator import (
    RecurrentConfig,
    RecurrentTranslator,
    reverse,
)
from allyouneed.nn.attention import watch

SIZES = RecurrentConfig(vocab=50, d_model=16, layers=2, p_drop=0.0)
SOURCE = torch.tensor([[7, 8, 9, 10, 11, EOS], [5, 6, EOS, PAD, PAD, PAD]])
TARGET = torch.tensor([[BOS, 9, 8, 7], [BOS, 4, PAD, PAD]])


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def make(**changes: object) -> RecurrentTranslator:
    return RecurrentTranslator(replace(SIZES, **changes)).double().eval()


def theirs(ours: RecurrentTranslator) -> nn.Module:
    """PyTorch's two layers, in both directions, with the encoder's weights."""
    kind = {"gru": nn.GRU, "lstm": nn.LSTM}[ours.config.cell]
    stack = kind(
        16, 8, num_layers=2, bidirectional=True, batch_first=True, dtype=torch.double
    )
    with torch.no_grad():
        for number, layer in enumerate(ours.encoder):
            for cell, end in ((layer.onward, ""), (layer.back, "_reverse")):
                for name, weights in cell.weights.named_parameters():
                    own = name.replace("l0", f"l{number}") + end
                    getattr(stack, own).copy_(weights)
    return stack


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_encoder_equals_pytorch_s_on_packed_sentences(cell: str) -> None:
    ours = make(cell=cell)
    lengths = (SOURCE != PAD).sum(-1)
    packed = nn.utils.rnn.pack_padded_sequence(
        ours.embedding(SOURCE), lengths, batch_first=True
    )
    outputs, last = theirs(ours)(packed)
    outputs, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
    memory = ours.encode(SOURCE)
    real = SOURCE != PAD
    torch.testing.assert_close(memory.states[real], outputs[real])
    ends = last if cell == "lstm" else (last,)
    for number, state in enumerate(memory.decoder):
        for mine, end in zip(state if cell == "lstm" else (state,), ends, strict=True):
            both = torch.cat((end[2 * number], end[2 * number + 1]), dim=-1)
            torch.testing.assert_close(mine, both)


def by_hand(model: RecurrentTranslator, source: Tensor, target: Tensor) -> Tensor:
    """One sentence, one word, one pair at a time, with PyTorch's own cells."""
    memory, logits = model.encode(source), []
    states, keys = memory.states[0], memory.keys
    cells = [nn.GRUCell(16, 16, dtype=torch.double) for _ in model.decoder]
    for cell, layer in zip(cells, model.decoder, strict=True):
        own = dict(layer.weights.named_parameters())
        cell.load_state_dict({name[:-3]: weights for name, weights in own.items()})
    past = [state[0] for state in memory.decoder]
    for word in target[0]:
        x = model.embedding(word)
        for i, cell in enumerate(cells):
            x = past[i] = cell(x[None], past[i][None])[0]
        if keys is not None:
            scores = torch.stack([pair(model, x, state) for state in states])
            context = sum(w * s for w, s in zip(scores.softmax(0), states, strict=True))
            both = torch.cat((context, x))
            x = (model.mix.weight @ both + model.mix.bias).tanh()
        logits.append(model.embedding.words.weight @ x)
    return torch.stack(logits)


def pair(model: RecurrentTranslator, query: Tensor, state: Tensor) -> Tensor:
    align = model.attention
    if model.config.attention == "multiplicative":
        return query @ align.key.weight @ state
    summed = align.query.weight @ query + align.query.bias + align.key.weight @ state
    return align.value.weight[0] @ summed.tanh()


@pytest.mark.parametrize("attention", ["additive", "multiplicative", "none"])
def test_the_decoder_equals_a_loop_over_words_and_pairs(attention: str) -> None:
    model = make(attention=attention)
    expected = by_hand(model, SOURCE[:1], TARGET[:1])
    torch.testing.assert_close(model(SOURCE[:1], TARGET[:1])[0], expected)


@pytest.mark.parametrize("attention", ["additive", "multiplicative"])
def test_watch_sees_weights_that_sum_to_one_over_real_words(attention: str) -> None:
    model = make(attention=attention)
    with watch(model) as seen:
        memory = model.encode(SOURCE).streaming()
        for part in TARGET.split(1, dim=1):
            model.decode(part, memory)
    weights = torch.cat(seen["attention"], dim=2)
    assert weights.shape == (2, 1, 4, 6)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 1, 4).double())
    assert not weights[1, :, :, 3:].any()
    assert (weights[0] > 0).all()


def test_without_attention_the_states_are_not_read() -> None:
    """All that the decoder knows of the source is d_model numbers a layer."""
    blind, seeing = make(attention="none"), make()
    moved = []
    for model in (blind, seeing):
        memory = model.encode(SOURCE)
        before = model.decode(TARGET, memory)
        memory.states = torch.zeros_like(memory.states)
        moved.append(not torch.equal(model.decode(TARGET, memory), before))
    assert moved == [False, True]


def test_reverse_undoes_itself_and_leaves_padding_at_the_end() -> None:
    x, lengths = torch.arange(12.0).view(2, 6, 1), torch.tensor([6, 4])
    once = reverse(x, lengths)
    assert once[1].flatten().tolist() == [9, 8, 7, 6, 11, 10]
    assert torch.equal(reverse(once, lengths), x)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"layers": 0}, "layers=0"),
        ({"d_model": 15}, "d_model=15 is odd"),
        ({"p_drop": 1.0}, "p_drop=1.0"),
        ({"cell": "rnn"}, "cell='rnn': choose gru or lstm"),
        ({"attention": "dot"}, "attention='dot': choose additive or"),
    ],
)
def test_a_config_that_cannot_be_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make(**changes)
