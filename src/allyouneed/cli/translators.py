"""The commands `python -m allyouneed train | translate | evaluate`."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import typer

from allyouneed import data, decoding, ground, runs, studies, training
from allyouneed.cli import options as given

RUNS = Path("runs")
CHECKPOINT = "checkpoint.safetensors"
MODELS = (CHECKPOINT, "averaged.safetensors")
CHANGES = ("tokens", "vocab", "every", "average", "beams")
SHOWN = 5  # translations printed after training
HARD = 500  # sentences of the grammar's hard split


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
    experiment = runs.Experiment(
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
        studies.records.append(record or folder / "records.jsonl", line)


def _changed(preset: runs.Preset, steps: int | None, *asked: int | None) -> runs.Preset:
    """The recipe, with what was asked for (`CHANGES`) in place of its own."""
    pairs = zip(CHANGES, asked, strict=True)
    changes: dict[str, Any] = {name: value for name, value in pairs if value}
    if steps:
        changes["training"] = dataclasses.replace(preset.training, steps=steps)
    return dataclasses.replace(preset, **changes)


def _train(
    experiment: runs.Experiment, seconds: float, log: Path | None
) -> runs.Running | None:
    """Train to the end; None in all processes but the first, which tells the rest."""
    team = training.distributed.launched()
    device = team.device if team else ground.runtime.device()
    running = experiment.start(device=device, seconds=seconds, accelerator=team)
    first = team is None or team.is_main_process
    total = experiment.preset.training.steps
    steps = (
        studies.records.progress(running.steps, total=total) if first else running.steps
    )
    for _ in studies.records.tensorboard(steps, log) if first and log else steps:
        pass
    return running if first else None


def _evaluate(
    running: runs.Running, experiment: runs.Experiment, sentences: int | None
) -> runs.Scores:
    """Translate unseen sentences, show some, and say how good they are."""
    corpus, device = experiment.corpus, next(running.model.parameters()).device
    pairs = corpus.test[:sentences]
    scores = runs.score(
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
    _show(scores, ground.runtime.describe(device))
    return scores


def _show(scores: runs.Scores, machine: str) -> None:
    typer.echo(f"BLEU   {scores.bleu}")
    typer.echo(f"chrF   {scores.chrf}")
    count = len(scores.translations)
    typer.echo(f"exact  {100 * scores.exact_match:.1f} % of {count} unseen sentences")
    typer.echo(f"on     {machine}")


def translate(
    to: given.To,
    sentence: given.Sentence = None,
    from_: given.From = "en",
    checkpoint: given.Trained = None,
    beams: given.Beams = 4,
) -> None:
    """Translate one sentence, or each line of the standard input, as UTF-8."""
    lines = [ground.tidy(line) for line in given.asked(sentence)]
    device = ground.runtime.device()
    model, subwords, about = _translator(checkpoint, from_, to)
    known = given.told(about, "source", "target")
    if known != [from_, to]:
        raise ValueError(
            f"--from {from_} --to {to}: {checkpoint or 'the newest model'} translates "
            f"{' into '.join(known)}"
        )
    model.to(device)
    asked = [line for line in lines if line]
    found = iter(decoding.translate(model, subwords, asked, beams=beams, device=device))
    for line in lines:
        typer.echo(next(found) if line else "")


def _translator(
    checkpoint: Path | None, from_: str, to: str
) -> training.checkpoints.Trained:
    """The model asked for, else the newest here, else one that comes with the book."""
    pair = f"-{from_}-{to}"
    shipped = [name for name in runs.pretrained.available() if name.endswith(pair)]
    try:
        return _of_file(checkpoint, f"*{pair}")
    except FileNotFoundError:
        if checkpoint or not shipped:
            raise
    typer.echo(f"by {shipped[0]}, which comes with the package", err=True)
    return runs.pretrained.load(shipped[0])


def _of_file(checkpoint: Path | None, name: str) -> training.checkpoints.Trained:
    """The model asked for, or the newest here of that name, and then which it is."""
    path = checkpoint or _newest(name)
    found = training.checkpoints.load_translator(path)
    if not checkpoint:
        typer.echo(f"by {path}, the newest here", err=True)
    return found


def evaluate(
    checkpoint: given.Trained = None,
    split: given.Which = given.Split.test,
    beams: given.Beams = 4,
    sentences: given.Few = None,
) -> None:
    """Score a trained translator on sentences that it was not trained on."""
    model, subwords, about = _of_file(checkpoint, "*")
    corpus, source, target = given.told(about, "corpus", "source", "target")
    pairs = _pairs(corpus, source, target, split)[:sentences]
    device = ground.runtime.device()
    scores = runs.score(
        model, subwords, pairs, language=target, beams=beams, device=device
    )
    _show(scores, ground.runtime.describe(device))


def _pairs(name: str, source: str, target: str, split: given.Split) -> list[data.Pair]:
    if split != given.Split.hard:
        corpus = data.load(name, source=source, target=target, size=1)
        return corpus.test if split == given.Split.test else corpus.valid
    if name != "grammar":
        raise ValueError(f"--split hard: {name} has none, choose test or valid")
    made = data.grammar.examples("hard", count=HARD)
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
