"""The command line: `python -m allyouneed env | train | translate | evaluate | ...`."""

import dataclasses
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
import typer

from allyouneed import _options as given
from allyouneed import checkpoints, data, grammar, pretrained, records, runtime, several
from allyouneed._bench import bench
from allyouneed._sweep import sweep
from allyouneed.decoding import translate as translated
from allyouneed.experiments import Experiment, Running, Scores, score
from allyouneed.presets import Preset
from allyouneed.text import tidy

RUNS = Path("runs")
CHECKPOINT = "checkpoint.safetensors"
MODELS = (CHECKPOINT, "averaged.safetensors")
CHANGES = ("tokens", "vocab", "every", "average", "beams")
SHOWN = 5  # translations printed after training
HARD = 500  # sentences of the grammar's hard split

app = typer.Typer(
    cls=given.Polite,
    help="Attention Is All You Need, put to the test: train, translate, evaluate.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # it would take "[default: ...]" for markup
)


@app.command()
def env() -> None:
    """Say what this machine offers: driver, CUDA, device, memory, precision, speed."""
    for name, value in _environment(runtime.device()):
        typer.echo(f"{name:10} {value}")


def _environment(device: torch.device) -> Iterator[tuple[str, str]]:
    about = runtime.provenance(device)
    yield "system", f"{about['system']}, Python {about['python']}"
    yield "driver", runtime.driver() or "none"
    yield "CUDA", f"{about['cuda_version'] or 'none'}"
    yield "torch", torch.__version__
    yield "device", f"{device.type}: {about['device']}"
    memory = runtime.memory_bytes(device)
    yield "memory", f"{memory / 1e9:.1f} GB" if memory else "unknown"
    yield "threads", f"{about['threads']}"
    best = runtime.precision(device)
    yield "precision", best if best == "fp32" else f"{best} and fp32"
    for precision in dict.fromkeys((best, runtime.FULL)):
        rate = runtime.matmul_rate(device, precision) / 1e9
        yield "matmul", f"{rate:,.0f} GFLOP/s in {precision}"
    yield "commit", f"{about['commit'] or 'unknown'}"


@app.command()
def train(
    corpus: given.Corpus,
    to: given.To,
    from_: given.From = "en",
    model: given.Kind = given.Model.transformer,
    preset: given.Recipe = None,
    steps: given.Steps = None,
    minutes: given.Minutes = None,
    tokens: given.Tokens = None,
    vocab: given.Vocab = None,
    size: given.Sentences = None,
    seed: given.Seed = 0,
    every: given.Every = None,
    average: given.Average = None,
    beams: given.Width = None,
    sentences: given.Few = None,
    out: given.Out = None,
    log: given.Log = None,
    record: given.Record = None,
) -> None:
    """Train a translator, or go on with a run that was interrupted.

    Shows translations of sentences it has never seen, and their scores. Where multi30k
    is not to be had, the corpus help takes its place, with a warning.
    """
    text = data.load_or_help(corpus, source=from_, target=to, size=size)
    other = "" if model is given.Model.transformer else f"{model}-"
    folder = out or RUNS / f"{other}{text.name}-{from_}-{to}"
    recipe = preset or (given.Size.grammar if corpus == "grammar" else given.Size.tiny)
    experiment = Experiment(
        corpus=text,
        preset=_changed(
            recipe.preset(model), steps, tokens, vocab, every, average, beams
        ),
        seed=seed,
        checkpoint=folder / CHECKPOINT,
    )
    budget = math.inf if minutes is None else 60 * minutes
    running = _train(experiment, budget, folder / "log" if log else None)
    if running:
        done = experiment.averaged(running)
        scores = _evaluate(done, experiment, sentences)
        line = experiment.record(scores)
        records.append(record or folder / "records.jsonl", line)


def _changed(preset: Preset, steps: int | None, *asked: int | None) -> Preset:
    """The recipe, with what was asked for (`CHANGES`) in place of its own."""
    pairs = zip(CHANGES, asked, strict=True)
    changes: dict[str, Any] = {name: value for name, value in pairs if value}
    if steps:
        changes["training"] = dataclasses.replace(preset.training, steps=steps)
    return dataclasses.replace(preset, **changes)


def _train(experiment: Experiment, seconds: float, log: Path | None) -> Running | None:
    """Train to the end; None in all processes but the first, which tells the rest."""
    team = several.launched()
    device = team.device if team else runtime.device()
    running = experiment.start(device=device, seconds=seconds, accelerator=team)
    first = team is None or team.is_main_process
    total = experiment.preset.training.steps
    steps = records.progress(running.steps, total=total) if first else running.steps
    for _ in records.tensorboard(steps, log) if first and log else steps:
        pass
    return running if first else None


def _evaluate(
    running: Running, experiment: Experiment, sentences: int | None
) -> Scores:
    """Translate unseen sentences, show some, and say how good they are."""
    corpus, device = experiment.corpus, next(running.model.parameters()).device
    pairs = corpus.test[:sentences]
    scores = score(
        running.model,
        running.subwords,
        pairs,
        language=corpus.target,
        beams=experiment.preset.beams,
        device=device,
    )
    shown = zip(pairs[:SHOWN], scores.translations, strict=False)
    for (source, _), translation in shown:
        typer.echo(f"{corpus.source}  {source}\n{corpus.target}  {translation}\n")
    _show(scores, runtime.describe(device))
    return scores


def _show(scores: Scores, machine: str) -> None:
    typer.echo(f"BLEU   {scores.bleu}")
    typer.echo(f"chrF   {scores.chrf}")
    count = len(scores.translations)
    typer.echo(f"exact  {100 * scores.exact_match:.1f} % of {count} unseen sentences")
    typer.echo(f"on     {machine}")


@app.command()
def translate(
    to: given.To,
    sentence: given.Sentence = None,
    from_: given.From = "en",
    checkpoint: given.Trained = None,
    beams: given.Beams = 4,
) -> None:
    """Translate one sentence, or each line of the standard input, as UTF-8."""
    lines = [tidy(line) for line in given.asked(sentence)]
    device = runtime.device()
    model, subwords, about = _translator(checkpoint, from_, to)
    known = given.told(about, "source", "target")
    if known != [from_, to]:
        raise ValueError(
            f"--from {from_} --to {to}: {checkpoint or 'the newest model'} translates "
            f"{' into '.join(known)}"
        )
    model.to(device)
    asked = [line for line in lines if line]
    found = iter(translated(model, subwords, asked, beams=beams, device=device))
    for line in lines:
        typer.echo(next(found) if line else "")


def _translator(checkpoint: Path | None, from_: str, to: str) -> checkpoints.Trained:
    """The model asked for, else the newest here, else one that comes with the book."""
    pair = f"-{from_}-{to}"
    shipped = [name for name in pretrained.available() if name.endswith(pair)]
    try:
        return checkpoints.load_translator(checkpoint or _newest(f"*{pair}"))
    except FileNotFoundError:
        if checkpoint or not shipped:
            raise
    typer.echo(f"by {shipped[0]}, which comes with the package", err=True)
    return pretrained.load(shipped[0])


@app.command()
def evaluate(
    checkpoint: given.Trained = None,
    split: given.Which = given.Split.test,
    beams: given.Beams = 4,
    sentences: given.Few = None,
) -> None:
    """Score a trained translator on sentences that it was not trained on."""
    model, subwords, about = checkpoints.load_translator(checkpoint or _newest("*"))
    corpus, source, target = given.told(about, "corpus", "source", "target")
    pairs = _pairs(corpus, source, target, split)[:sentences]
    device = runtime.device()
    scores = score(model, subwords, pairs, language=target, beams=beams, device=device)
    _show(scores, runtime.describe(device))


def _pairs(name: str, source: str, target: str, split: given.Split) -> list[data.Pair]:
    if split != given.Split.hard:
        corpus = data.load(name, source=source, target=target, size=1)
        return corpus.test if split == given.Split.test else corpus.valid
    if name != "grammar":
        raise ValueError(f"--split hard: {name} has none, choose test or valid")
    made = grammar.examples("hard", count=HARD)
    return [(getattr(e, source), getattr(e, target)) for e in made]


def _newest(pattern: str) -> Path:
    """The model under runs that was written last, be it the mean of several.

    Raises:
        FileNotFoundError: there is none.
    """
    found = (p for name in MODELS for p in RUNS.glob(f"{pattern}/{name}"))
    newest = max(found, key=lambda path: path.stat().st_mtime_ns, default=None)
    if newest is None:
        raise FileNotFoundError(
            f"no {RUNS / pattern / CHECKPOINT}: train one, or name a --checkpoint"
        )
    return newest


app.command()(sweep)
app.command()(bench)

if __name__ == "__main__":
    app()
