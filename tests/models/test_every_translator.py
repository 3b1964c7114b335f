"""What every translator promises, each of them in all its kinds."""

from collections import Counter
from dataclasses import replace
from typing import get_args

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from allyouneed.decoding.greedy_search import beam, greedy
from allyouneed.ground.special_tokens import BOS, EOS, PAD
from allyouneed.models.convolutional_translator import ConvolutionalConfig
from allyouneed.models.one_stack_translator import OneStackConfig
from allyouneed.models.recurrent_translator import RecurrentConfig, RecurrentTranslator
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.models.transformer import TransformerConfig
from allyouneed.models.translators import Config, build
from allyouneed.nn.losses import label_smoothing
from allyouneed.nn.positions import Absolute, Relative

SOURCE = torch.tensor([[7, 8, 9, 10, 11, EOS], [5, 6, EOS, PAD, PAD, PAD]])
TARGET = torch.tensor([[BOS, 9, 8, 7, 6], [BOS, 4, PAD, PAD, PAD]])

RECURRENT = RecurrentConfig(vocab=50, d_model=16, layers=2, p_drop=0.0)
CONVOLUTIONAL = ConvolutionalConfig(
    vocab=50, d_model=16, layers=3, p_drop=0.0, max_length=16
)
TRANSFORMER = TransformerConfig(
    vocab=50, d_model=32, layers=3, heads=4, d_ff=48, p_drop=0.0, bias=True,
    max_length=16,
)  # fmt: skip
ONE_STACK = OneStackConfig(
    vocab=50, d_model=32, layers=3, heads=4, d_ff=48, p_drop=0.0, bias=True,
    max_length=32,
)  # fmt: skip
BASES: dict[str, Config] = {
    "recurrent": RECURRENT,
    "convolutional": CONVOLUTIONAL,
    "transformer": TRANSFORMER,
    "one stack": ONE_STACK,
}
KINDS: dict[str, Config] = {
    f"{cell} {attention} {'both ways' if both else 'one way'}": replace(
        RECURRENT, cell=cell, attention=attention, bidirectional=both
    )
    for cell in ("gru", "lstm")
    for attention in ("additive", "multiplicative", "none")
    for both in (True, False)
}
KINDS |= {
    f"convolutional {width} {scheme}": replace(
        CONVOLUTIONAL, width=width, positions=scheme
    )
    for width in (1, 3, 5)
    for scheme in ("sinusoidal", "learned")
}
KINDS |= {
    f"transformer {scheme}": replace(TRANSFORMER, positions=scheme)
    for scheme in (*get_args(Absolute), *get_args(Relative))
}
KINDS |= {
    f"one stack {sees} {scheme}": replace(ONE_STACK, source_sees=sees, positions=scheme)
    for sees in ("past", "all")
    for scheme in ("sinusoidal", "learned", "rotary")
}
KINDS["transformer pre"] = replace(TRANSFORMER, wiring="pre")

every_kind = pytest.mark.parametrize("config", KINDS.values(), ids=KINDS)
every_base = pytest.mark.parametrize("config", BASES.values(), ids=BASES)


def make(config: Config) -> EncoderDecoder:
    torch.manual_seed(0)
    model = build(config).double().eval()
    for name, weights in model.named_parameters():
        if name.endswith("relation.table"):  # T5's starts at zero, as if it were none
            torch.nn.init.normal_(weights)
    return model


@every_kind
def test_padding_changes_nothing(config: Config) -> None:
    model = make(config)
    together = model(SOURCE, TARGET)
    torch.testing.assert_close(together[1:, :2], model(SOURCE[1:, :3], TARGET[1:, :2]))
    wider = F.pad(SOURCE, (0, 2), value=PAD)
    torch.testing.assert_close(model(wider, TARGET), together)


@every_kind
@pytest.mark.parametrize("steps", [[1, 1, 1, 1, 1], [5], [2, 1, 2], [4, 1]])
def test_a_streaming_memory_gives_the_same_logits(config: Config, steps: list) -> None:
    model = make(config)
    memory = model.encode(SOURCE).streaming()
    streamed = [model.decode(part, memory) for part in TARGET.split(steps, dim=1)]
    torch.testing.assert_close(torch.cat(streamed, 1), model(SOURCE, TARGET))
    if not isinstance(model, RecurrentTranslator):  # whose state knows no places
        assert memory.decoded == 5


@every_kind
def test_selecting_rows_moves_everything_that_is_remembered(config: Config) -> None:
    model, rows = make(config), torch.tensor([1, 0, 1])
    memory = model.encode(SOURCE).streaming()
    memory.select(torch.tensor([0, 1]))  # before anything is remembered
    model.decode(TARGET[:, :2], memory)
    memory.select(rows)
    expected = model(SOURCE[rows], TARGET[rows])[:, 2:3]
    torch.testing.assert_close(model.decode(TARGET[rows, 2:3], memory), expected)


@every_kind
def test_a_beam_goes_on_from_another_of_its_sentence(config: Config) -> None:
    model, rows = make(config), torch.tensor([1, 1, 3, 2])
    sources = SOURCE.repeat_interleave(2, 0)
    words = torch.tensor([[BOS, 9], [BOS, 8], [BOS, 4], [BOS, 30]])
    memory = model.encode(SOURCE).streaming(beams=2)
    for word in words.split(1, dim=1):
        model.decode(word, memory)
    memory.follow(rows)
    last = torch.tensor([[20], [21], [22], [23]])
    expected = model(sources, torch.cat((words[rows], last), 1))[:, 2:]
    torch.testing.assert_close(model.decode(last, memory), expected)


@every_base
def test_a_memory_that_does_not_stream_forgets(config: Config) -> None:
    model = make(config)
    memory = model.encode(SOURCE)
    once = model.decode(TARGET, memory)
    assert torch.equal(model.decode(TARGET, memory), once)


@every_kind
def test_a_batch_is_translated_as_its_sentences_alone(config: Config) -> None:
    model = make(replace(config, tied=False))
    words = torch.randint(4, 50, (6, 7), generator=torch.Generator().manual_seed(0))
    alone = [F.pad(row[:n], (0, 1), value=EOS)[None] for n, row in enumerate(words, 2)]
    together = nn.utils.rnn.pad_sequence(
        [row[0] for row in alone], batch_first=True, padding_value=PAD
    )
    counts = Counter(word for row in greedy(model, together, extra=5) for word in row)
    rare = [min(counts, key=lambda word: counts[word]), EOS]
    with torch.no_grad():  # what was said least ends a sentence now
        model.output.weight[rare] = model.output.weight[rare[::-1]]
    said = greedy(model, together, extra=5)
    assert said == [greedy(model, row, extra=5)[0] for row in alone]
    found = [h.words for h in beam(model, together, beams=3, extra=5)]
    assert found == [beam(model, row, beams=3, extra=5)[0].words for row in alone]
    spare = {row.shape[1] + 5 - len(w) for row, w in zip(alone, said, strict=True)}
    assert len(spare) > 1  # some have ended before the others


@every_kind
def test_no_target_word_moves_an_earlier_logit(config: Config) -> None:
    model, changed = make(config), TARGET.clone()
    changed[0, 2] = 20
    before, after = model(SOURCE, TARGET), model(SOURCE, changed)
    assert torch.equal(before[0, :2], after[0, :2])
    assert not torch.equal(before[0, 2], after[0, 2])


@every_kind
def test_every_parameter_learns(config: Config) -> None:
    model = make(config)
    model(SOURCE, TARGET)[..., 7].square().sum().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


@every_kind
def test_its_loss_is_that_of_its_scores(config: Config) -> None:
    model = make(config)
    labels = F.pad(TARGET[:, 1:], (0, 1), value=PAD)
    quick = model.loss(SOURCE, TARGET, labels, epsilon=0.1)
    slow = label_smoothing(model(SOURCE, TARGET), labels, epsilon=0.1)
    torch.testing.assert_close(quick, slow)
    own = list(model.parameters())
    for one, other in zip(
        torch.autograd.grad(quick, own), torch.autograd.grad(slow, own), strict=True
    ):
        torch.testing.assert_close(one, other)


@every_base
def test_untied_output_is_a_layer_of_its_own(config: Config) -> None:
    def count(model: EncoderDecoder) -> int:
        return sum(p.numel() for p in model.parameters())

    tied, untied = make(config), make(replace(config, tied=False))
    assert untied(SOURCE, TARGET).shape == tied(SOURCE, TARGET).shape
    assert count(untied) - count(tied) == config.vocab * config.d_model


@every_base
@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ([[7, 50]], [[BOS]], "source holds ids from 7 to 50, but vocab=50"),
        ([[7, 8]], [[BOS, -1]], "target holds ids from -1"),
        ([[7, 8], [PAD, PAD]], [[BOS], [BOS]], r"source\[1\] holds no word"),
        ([[]], [[BOS]], r"source\[0\] holds no word"),
        ([[7, 8], [PAD, 7]], [[BOS], [BOS]], r"source\[1\] has a word after padding"),
        ([7, 8], [[BOS]], r"source has shape \(2,\): give a batch"),
        ([[7, 8]], [BOS], r"target has shape \(1,\): give a batch"),
        (torch.empty(0, 2), torch.empty(0, 1), r"source has shape \(0, 2\)"),
    ],
)
def test_tokens_that_cannot_be_read_are_refused(
    config: Config, source: list, target: list, message: str
) -> None:
    ids = (torch.as_tensor(part).long() for part in (source, target))
    with pytest.raises(ValueError, match=message):
        make(config)(*ids)
