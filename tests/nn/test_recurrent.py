"""Recurrent layers against PyTorch's own, against formulas, and against the loop."""

import copy

import pytest
import torch
from torch import Tensor, nn

from allyouneed.nn.recurrent import (
    GRU,
    LSTM,
    RNN,
    LSTMState,
    Recurrent,
    clip_by_norm,
    watch_gates,
)

B, T, D_IN, D_MODEL = 3, 7, 5, 8
KINDS = {RNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU}
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def draw(*shape: int) -> Tensor:
    return torch.randn(*shape, dtype=torch.double, requires_grad=True)


def a_state(kind: type) -> Tensor | LSTMState:
    h = draw(B, D_MODEL)
    return LSTMState(h, draw(B, D_MODEL)) if kind is LSTM else h


def parts(state: Tensor | LSTMState) -> list[Tensor]:
    return [state] if isinstance(state, Tensor) else list(state)


def as_pytorch(ours: Recurrent) -> nn.Module:
    """PyTorch's own layer with the weights of ours, by their names."""
    theirs = KINDS[type(ours)](ours.d_in, ours.d_model, batch_first=True).double()
    with torch.no_grad():
        for name, weight in ours.weights.named_parameters():
            getattr(theirs, name).copy_(weight)
    return theirs


def run_pytorch(
    theirs: nn.Module, x: Tensor, state: Tensor | LSTMState
) -> list[Tensor]:
    start = [part[None] for part in parts(state)]
    outputs, last = theirs(x, tuple(start) if len(start) == 2 else start[0])
    return [outputs, *(part[0] for part in (last if len(start) == 2 else [last]))]


def gradients(results: list[Tensor], inputs: list[Tensor]) -> tuple[Tensor, ...]:
    """Of a loss that gives every number of the results its own weight."""
    torch.manual_seed(1)
    loss = sum((r * torch.randn(r.shape).double()).sum() for r in results)
    return torch.autograd.grad(loss, inputs, retain_graph=True)


@pytest.mark.parametrize("watched", [False, True])
@every_kind
def test_agrees_with_pytorch(kind: type, watched: bool) -> None:
    ours, x, start = kind(D_IN, D_MODEL).double(), draw(B, T, D_IN), a_state(kind)
    theirs = as_pytorch(ours)
    if watched:
        with watch_gates(ours):
            outputs, last = ours(x, start)
    else:
        outputs, last = ours(x, start)
    results = [outputs, *parts(last)]
    expected = run_pytorch(theirs, x, start)
    torch.testing.assert_close(results, expected)
    torch.testing.assert_close(
        gradients(results, [x, *parts(start), *ours.parameters()]),
        gradients(expected, [x, *parts(start), *theirs.parameters()]),
    )


@every_kind
def test_the_fused_kernel_runs_unless_watched(
    kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, x = kind(D_IN, D_MODEL), torch.randn(B, T, D_IN)
    monkeypatch.setattr(ours, "_unroll", None)
    ours(x)
    with watch_gates(ours), pytest.raises(TypeError):
        ours(x)


@every_kind
def test_steps_in_a_row_equal_one_call_in_pieces_or_whole(kind: type) -> None:
    ours, x, start = kind(D_IN, D_MODEL).double(), draw(B, T, D_IN), a_state(kind)
    outputs, last = ours(x, start)
    state, hidden = start, []
    for now in x.unbind(1):
        state = ours.step(now, state)
        hidden.append(parts(state)[0])
    torch.testing.assert_close(torch.stack(hidden, 1), outputs)
    torch.testing.assert_close(parts(state), parts(last))
    first, between = ours(x[:, :3], start)
    second, end = ours(x[:, 3:], between)
    torch.testing.assert_close(torch.cat([first, second], 1), outputs)
    torch.testing.assert_close(parts(end), parts(last))


@every_kind
def test_without_a_state_it_starts_from_zeros(kind: type) -> None:
    ours, x = kind(D_IN, D_MODEL), torch.randn(B, T, D_IN)
    zeros = torch.zeros(B, D_MODEL)
    start = LSTMState(zeros, zeros) if kind is LSTM else zeros
    torch.testing.assert_close(ours(x)[0], ours(x, start)[0])
    torch.testing.assert_close(ours.step(x[:, 0]), ours.step(x[:, 0], start))


def textbook_gru(layer: GRU, x: Tensor, h: Tensor) -> Tensor:
    """Cho et al. (2014), equations 5 to 8, one sentence and one unit at a time."""
    p, n = layer.weights, layer.d_model
    w, u = p.weight_ih_l0, p.weight_hh_l0
    b = p.bias_ih_l0 + p.bias_hh_l0
    out = torch.empty_like(h)
    for s in range(len(x)):
        r = [torch.sigmoid(w[j] @ x[s] + u[j] @ h[s] + b[j]) for j in range(n)]
        kept = torch.stack(r) * h[s]
        for j in range(n):
            z = torch.sigmoid(w[n + j] @ x[s] + u[n + j] @ h[s] + b[n + j])
            k = 2 * n + j
            candidate = torch.tanh(w[k] @ x[s] + u[k] @ kept + b[k])
            out[s, j] = z * h[s, j] + (1 - z) * candidate
    return out


def test_the_textbook_gru_equals_its_formula_and_differs_from_pytorch() -> None:
    ours = GRU(D_IN, D_MODEL, reset_after=False).double()
    x, h = draw(B, T, D_IN), draw(B, D_MODEL)
    outputs, last = ours(x, h)
    for t in range(T):
        h = textbook_gru(ours, x[:, t], h)
        torch.testing.assert_close(outputs[:, t], h)
    torch.testing.assert_close(last, h)
    assert (as_pytorch(ours)(x)[0] - ours(x)[0]).abs().max() > 0.01


def test_another_activation_runs_by_hand() -> None:
    ours = RNN(D_IN, D_MODEL, activation=torch.relu).double()
    theirs = nn.RNN(D_IN, D_MODEL, nonlinearity="relu", batch_first=True).double()
    theirs.load_state_dict(ours.weights.state_dict())
    x = draw(B, T, D_IN)
    torch.testing.assert_close(ours(x)[0], theirs(x)[0])


def test_watched_gates_make_the_states_of_that_very_call() -> None:
    model = nn.ModuleDict({"lstm": LSTM(D_IN, D_MODEL), "gru": GRU(D_IN, D_MODEL)})
    x = torch.randn(B, T, D_IN)
    with watch_gates(model) as seen:
        h, last = model["lstm"](x)
        model["lstm"](x[:, :2], last)
        states, _ = model["gru"](x)
    assert [g["cell"].shape[1] for g in seen["lstm"]] == [T, 2]
    g = seen["lstm"][0]
    torch.testing.assert_close(g["output"] * g["cell"].tanh(), h)
    kept = g["forget"][:, 1:] * g["cell"][:, :-1]
    added = g["input"][:, 1:] * g["candidate"][:, 1:]
    torch.testing.assert_close(kept + added, g["cell"][:, 1:])
    torch.testing.assert_close(last.c, g["cell"][:, -1])
    (g,) = seen["gru"]
    before = torch.cat([torch.zeros(B, 1, D_MODEL), states[:, :-1]], 1)
    mixed = g["update"] * before + (1 - g["update"]) * g["candidate"]
    torch.testing.assert_close(mixed, states)
    assert not any(g[name].requires_grad for name in g)


def test_watching_ends_with_its_block_even_on_error() -> None:
    model = GRU(D_IN, D_MODEL)
    with pytest.raises(RuntimeError), watch_gates(model):
        raise RuntimeError
    assert model.observer is None


def test_gate_bias_opens_the_gate_that_keeps() -> None:
    nothing = torch.zeros(1, D_IN)
    for layer, name in [
        (LSTM(D_IN, D_MODEL, forget_bias=2.0), "forget"),
        (GRU(D_IN, D_MODEL, update_bias=2.0), "update"),
    ]:
        with watch_gates(layer) as seen:
            layer(nothing[:, None])
        gates = seen[""][0]
        wanted = torch.full((1, 1, D_MODEL), 2.0).sigmoid()
        torch.testing.assert_close(gates[name], wanted)
        others = gates.keys() - {name, "cell", "candidate"}
        assert all((gates[other] - 0.5).abs().max() < 0.2 for other in others)


@every_kind
def test_start_is_pytorchs_unless_a_bias_is_given(kind: type) -> None:
    torch.manual_seed(3)
    ours = kind(D_IN, D_MODEL)
    torch.manual_seed(3)
    theirs = KINDS[kind](D_IN, D_MODEL)
    torch.testing.assert_close(ours.weights.state_dict(), theirs.state_dict())


@every_kind
def test_dtype_follows_the_data_and_copies_are_independent(kind: type) -> None:
    ours = kind(D_IN, D_MODEL).double()
    outputs, state = ours(torch.randn(B, T, D_IN).double())
    assert {outputs.dtype, *(part.dtype for part in parts(state))} == {torch.double}
    twin, x = copy.deepcopy(ours), torch.randn(B, T, D_IN).double()
    with torch.no_grad():
        twin.weights.weight_hh_l0.zero_()
    assert (twin(x)[0] - ours(x)[0]).abs().max() > 0.01


@every_kind
def test_device_follows_the_data(kind: type) -> None:
    ours = kind(D_IN, D_MODEL).to("meta")
    x = torch.empty(B, T, D_IN, device="meta")
    with watch_gates(ours):
        outputs, state = ours(x)
    assert {outputs.device.type, parts(state)[0].device.type} == {"meta"}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@every_kind
def test_gpu_agrees_and_has_gradients_in_eval_mode(kind: type) -> None:
    ours, x = kind(D_IN, D_MODEL).double().eval(), draw(B, T, D_IN)
    on_gpu = copy.deepcopy(ours).cuda()
    here, there = ours(x)[0], on_gpu(x.cuda())[0]
    torch.testing.assert_close(here, there.cpu())
    torch.testing.assert_close(gradients([here], [x]), gradients([there.cpu()], [x]))


@pytest.mark.parametrize("norm", [0.1, 1.0, 1e6])
def test_clipping_equals_pytorchs(norm: float) -> None:
    weights = [draw(4, 3), draw(5)]
    for weight in weights:
        weight.grad = 3 * torch.randn_like(weight)
    before = [weight.grad.clone() for weight in weights]
    ours = clip_by_norm(before, norm)
    nn.utils.clip_grad_norm_(weights, norm)
    # PyTorch divides by the length plus 1e-6.
    torch.testing.assert_close(ours, [w.grad for w in weights], rtol=1e-5, atol=1e-9)
    length = torch.cat([g.flatten() for g in ours]).norm().item()
    whole = torch.cat([g.flatten() for g in before]).norm().item()
    assert length == pytest.approx(min(norm, whole))


def test_clipping_leaves_zeros_alone() -> None:
    assert clip_by_norm([torch.zeros(3)], 1.0)[0].tolist() == [0, 0, 0]
    assert clip_by_norm([], 1.0) == []


@pytest.mark.parametrize("norm", [0.0, -1.0, float("nan")])
def test_clipping_to_nothing_is_refused(norm: float) -> None:
    with pytest.raises(ValueError, match="give a length above 0"):
        clip_by_norm([torch.ones(3)], norm)


@every_kind
@pytest.mark.parametrize("sizes", [(0, 4), (4, 0)])
def test_a_size_below_one_is_refused(kind: type, sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=r"d_in=\d, d_model=\d: give at least one"):
        kind(*sizes)


@every_kind
def test_what_does_not_fit_is_refused_by_name(kind: type) -> None:
    ours = kind(D_IN, D_MODEL)
    for wrong in [(B, T, D_IN + 1), (B, D_IN), (B, 0, D_IN)]:
        with pytest.raises(ValueError, match=r"x has shape .* give \(B, T, 5\)"):
            ours(torch.zeros(wrong))
    with pytest.raises(ValueError, match=r"x has shape .* give \(B, 5\)"):
        ours.step(torch.zeros(B, T, D_IN))
    other = a_state(GRU if kind is LSTM else LSTM)
    narrow = [part[:, 1:] for part in parts(a_state(kind))]
    for state in (other, LSTMState(*narrow) if kind is LSTM else narrow[0]):
        with pytest.raises(ValueError, match="state has shapes="):
            ours(torch.zeros(B, T, D_IN), state)


def test_clipping_in_half_precision_knows_lengths_beyond_its_range() -> None:
    (ours,) = clip_by_norm([torch.tensor([300.0, 400.0]).half()], 1.0)
    torch.testing.assert_close(ours, torch.tensor([0.6, 0.8]).half())
