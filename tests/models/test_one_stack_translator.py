"""One stack reads a source and goes on with it: and PyTorch agrees."""

import pytest
import torch
from torch import nn

from allyouneed.ground.special_tokens import BOS, EOS, PAD
from allyouneed.models.one_stack import TextStack
from allyouneed.models.one_stack_translator import (
    OneStackConfig,
    OneStackTranslator,
    joined,
)

SOURCE = torch.tensor([[7, 8, 9, EOS], [5, EOS, PAD, PAD]])
TARGET = torch.tensor([[BOS, 9, 8], [BOS, 4, 6]])


def make(**choices: str) -> OneStackTranslator:
    torch.manual_seed(0)
    config = OneStackConfig(
        vocab=30, d_model=16, layers=2, heads=2, d_ff=24, p_drop=0.0, **choices
    )
    return OneStackTranslator(config).double().eval()


def test_it_is_pytorch_s_encoder_over_source_and_target_in_one_row() -> None:
    """A sentence without padding, by `nn.TransformerEncoderLayer` and a causal mask."""
    model = make()
    x = model.stack.place(model.embedding(torch.cat([SOURCE[:1], TARGET[:1]], 1)))
    mask = nn.Transformer.generate_square_subsequent_mask(7, dtype=torch.float64)
    for layer in model.stack.layers:
        twin = nn.TransformerEncoderLayer(
            16, 2, 24, dropout=0.0, batch_first=True, dtype=torch.float64
        ).eval()
        own = layer.attention
        twin.self_attn.in_proj_weight.data = torch.cat(
            [own.query.weight, own.key.weight, own.value.weight]
        )
        twin.self_attn.out_proj.weight.data = own.output.weight
        for theirs, ours in (
            (twin.linear1, layer.feed_forward.hidden),
            (twin.linear2, layer.feed_forward.output),
        ):
            theirs.weight.data, theirs.bias.data = ours.weight, ours.bias
        x = twin(x, src_mask=mask)
    states = model.states(TARGET[:1], model.encode(SOURCE[:1]))
    torch.testing.assert_close(states, x[:, 4:])


def test_its_text_is_gpt_s_and_without_a_gap() -> None:
    model = make()
    text, read = joined(SOURCE, TARGET)
    assert text.tolist() == [
        [7, 8, 9, EOS, BOS, 9, 8],
        [5, EOS, BOS, 4, 6, PAD, PAD],
    ]
    gpt = TextStack(model.config, causal=True).double().eval()
    gpt.load_state_dict(model.state_dict())
    scores = gpt(text)
    rows = [row[n : n + 3] for row, n in zip(scores, read.tolist(), strict=True)]
    torch.testing.assert_close(model(SOURCE, TARGET), torch.stack(rows))


def test_whether_the_source_sees_what_comes_later_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = {}
    for sees in ("past", "all"):
        model = make(source_sees=sees)
        hidden = model.embedding(joined(SOURCE, TARGET)[0])
        inputs = hidden.detach().requires_grad_()
        states: list[torch.Tensor] = []
        hook = model.stack.layers[0].register_forward_hook(
            lambda _, __, out, states=states: states.append(out)
        )
        monkeypatch.setattr(model.embedding, "forward", lambda _, given=inputs: given)
        model.states(TARGET, model.encode(SOURCE))
        hook.remove()
        states[0].flatten(0, -2)[0, 0].backward()  # what the first word knows
        assert inputs.grad is not None
        seen[sees] = inputs.grad[0].abs().sum(-1).gt(0).tolist()
    assert seen["past"] == [True] + 6 * [False]
    assert seen["all"] == 4 * [True] + 3 * [False]


@pytest.mark.parametrize("sees", ["past", "all"])
def test_t5_has_buckets_for_what_comes_later_where_that_is_seen(sees: str) -> None:
    model = make(source_sees=sees, positions="t5")
    assert model.stack.layers[0].attention.relation.causal == (sees == "past")
