"""The words of the command line: its options, and how it answers mistakes."""

import sys
import warnings
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option
from typer.core import TyperGroup

from allyouneed import runs, studies
from allyouneed.ground.plain_text import lines_of

if TYPE_CHECKING:
    from allyouneed.runs.presets import Preset
    from allyouneed.studies.registered_sweeps import Grid

MISTAKES = (ValueError, OSError, ModuleNotFoundError, FloatingPointError)


class Polite(TyperGroup):
    """Answers a user's mistake with one line, and warns in one."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command; exit with 2 when what was asked for cannot be done."""
        _write_any_language()
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _warn
                return super().invoke(ctx)
        except BrokenPipeError:
            raise  # whoever reads, such as head, has enough: click ends without a word
        except MISTAKES as error:
            _say("error", error)
            raise typer.Exit(2) from None


def _write_any_language() -> None:
    """Files and pipes get UTF-8 in any locale, a terminal what it is able to show."""
    out = sys.stdout
    if isinstance(out, TextIOWrapper) and out.isatty():
        out.reconfigure(errors="replace")
    elif isinstance(out, TextIOWrapper):
        out.reconfigure(encoding="utf-8")


def _warn(message: Warning | str, *_: Any, **__: Any) -> None:
    _say("warning", message)


def _say(kind: str, what: object) -> None:
    typer.echo(f"{kind}: {' '.join(str(what).split())}", err=True)


def asked(sentence: str | None) -> list[str]:
    """What to translate: the sentence, else the lines of the standard input.

    Raises:
        ValueError: the standard input is closed, or no text.
    """
    if sentence is not None:
        return [sentence]
    if sys.stdin is None:
        raise ValueError("the standard input is closed: give a sentence, or lines")
    return lines_of(typer.get_binary_stream("stdin").read(), name="standard input")


def told(about: dict[str, Any], *names: str) -> list[str]:
    """What a checkpoint says of its run.

    Raises:
        ValueError: it does not say it.
    """
    settings = about["settings"]
    if missing := [name for name in names if name not in settings]:
        raise ValueError(
            f"the checkpoint does not say its {' and '.join(missing)}: give them to "
            "training.train as `settings`, or train by this command"
        )
    return [settings[name] for name in names]


class Model(StrEnum):
    """Which translator; those of the grammar's preset have as many parameters."""

    transformer = "transformer"
    recurrent = "recurrent"
    recurrent_plain = "recurrent-plain"
    convolutional = "convolutional"


class Size(StrEnum):
    """Names of the presets."""

    grammar = "grammar"
    tiny = "tiny"
    hour = "hour"
    small = "small"
    base = "base"

    def preset(self, model: Model = Model.transformer) -> "Preset":
        """The recipe of that name, for this model.

        Raises:
            ValueError: the recipe is the Transformer's alone.
        """
        if self is Size.grammar:
            return runs.Preset.grammar(model.value)
        if model is not Model.transformer:
            raise ValueError(
                f"--model {model} has no preset {self}: add --preset grammar"
            )
        made: Preset = getattr(runs.Preset, self.value)()
        return made


class Split(StrEnum):
    """Which sentences to translate; `hard` is the grammar's alone."""

    valid = "valid"
    test = "test"
    hard = "hard"


class GridName(StrEnum):
    """Names of the grids."""

    eight_tasks = "eight-tasks"
    eight_tasks_rates = "eight-tasks-rates"
    recall = "recall"
    needle = "needle"
    needle_race = "needle-race"
    table_3 = "table-3"
    table_3_multi30k = "table-3-multi30k"
    table_3_trained = "table-3-trained"
    table_3_base = "table-3-base"
    longest = "longest"
    table_2_pilot = "table-2-pilot"
    table_2 = "table-2"
    table_2_controls = "table-2-controls"
    nine_years_pilot = "nine-years-pilot"
    nine_years = "nine-years"
    nine_years_as_long = "nine-years-as-long"
    nine_years_captions_pilot = "nine-years-captions-pilot"
    nine_years_captions = "nine-years-captions"
    one_stack_pilot = "one-stack-pilot"
    one_stack = "one-stack"
    peaks = "peaks"
    ladder = "ladder"
    ladder_rates = "ladder-rates"

    def grid(self) -> "Grid":
        """The grid of that name."""
        made: Grid = getattr(studies.Grid, self.name)()
        return made


class Part(StrEnum):
    """Names of the parts of the benchmark."""

    training = "training"
    generation = "generation"
    attention = "attention"
    base = "base"
    recurrence = "recurrence"
    memory = "memory"


class Edition(StrEnum):
    """Languages of the book."""

    en = "en"
    zh = "zh"


class Logger(StrEnum):
    """Where else the records of training go."""

    tensorboard = "tensorboard"


Folder = Annotated[Path, Argument(help="A new one.")]
Language = Annotated[Edition, Option(help="Of its words, cards and table.")]
Smi = Annotated[
    Path | None, Option("--smi", help="What nvidia-smi printed there.", exists=False)
]
Torch = Annotated[str | None, Option("--torch", help="PyTorch there: 2.8.0+cu126.")]
Wsl = Annotated[bool, Option("--wsl", help="It is Linux in Windows.")]
To = Annotated[str, Option("--to", help="Language to translate into.")]
From = Annotated[str, Option("--from", help="Language to translate from.")]
Beams = Annotated[int, Option(min=1, help="Beams; 1 is greedy search.")]
Recipe = Annotated[Size | None, Option(help="[default: grammar for it, else tiny]")]
Kind = Annotated[Model, Option("--model", help="What translates.")]
Steps = Annotated[int | None, Option(min=1, help="Updates.")]
Minutes = Annotated[float | None, Option(min=0.01, help="Stop after so many.")]
Tokens = Annotated[int | None, Option(min=1, help="Positions in a batch.")]
Vocab = Annotated[int | None, Option(min=1, help="Sub-words of both languages.")]
Sentences = Annotated[int | None, Option("--size", min=1, help="Training sentences.")]
Seed = Annotated[int, Option(help="Of parameters, order and dropout.")]
Every = Annotated[int | None, Option(min=1, help="Updates from save to save.")]
Average = Annotated[
    int | None, Option(min=1, help="Last saves to take the mean of (section 6.1).")
]
Width = Annotated[int | None, Option("--beams", min=1, help="1 is greedy search.")]
Out = Annotated[Path | None, Option(help="Folder.  [default: runs/CORPUS-FROM-TO]")]
Log = Annotated[Logger | None, Option(help="Where else the numbers go.")]
Record = Annotated[
    Path | None,
    Option(help="[default: records.jsonl in the folder]"),
]
Trained = Annotated[
    Path | None, Option("--checkpoint", help="[default: newest in runs]")
]
Few = Annotated[
    int | None, Option("--sentences", min=1, help="To score.  [default: all]")
]
Which = Annotated[Split, Option(help="Which sentences.")]
Corpus = Annotated[str, Argument(help="grammar, help or multi30k.")]
Sentence = Annotated[str | None, Argument(help="[default: lines of standard input]")]
Tried = Annotated[GridName, Argument(help="What to try.")]
Cluster = Annotated[
    str | None, Option(help="Dask scheduler, such as tcp://10.0.0.1:8786.")
]
Workers = Annotated[int, Option(min=1, help="Processes, if there is no cluster.")]
Seeds = Annotated[int, Option(min=1, help="How many: from --first-seed on.")]
FirstSeed = Annotated[int, Option(help="Of parameters and data.")]
Lines = Annotated[Path | None, Option("--out", help="[default: runs/NAME.jsonl]")]
Together = Annotated[
    Path | None, Option(help="Folder of several sweeps that share the work.")
]
Parts = Annotated[list[Part] | None, Argument(help="What to compare.  [default: all]")]
Device = Annotated[str | None, Option(help="[default: the best here]")]
Full = Annotated[bool, Option("--fp32", help="Not in the device's fastest precision.")]
Compiled = Annotated[bool, Option("--compile", help="Every model, by torch.compile.")]
Rounds = Annotated[int, Option(min=1, help="Turns that each one has.")]
Threads = Annotated[int | None, Option(min=1, help="Of a CPU.  [default: PyTorch's]")]
