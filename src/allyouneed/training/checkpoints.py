"""One file that holds all of a run: model, optimizer, vocabulary, settings.

`storage` keeps the file whole; what is in it, and whether it fits, is decided here.
"""

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from allyouneed.data.subwords import Subwords
from allyouneed.ground import storage
from allyouneed.models.seq2seq import EncoderDecoder
from allyouneed.models.translators import build, completed, config_of

FORMAT = 1


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """What `load` found: tensors by name, and `about`, the JSON that goes with them.

    `about` has `step`, `model` (its class and configuration), `settings` (of the run,
    compared when it goes on), `state` (whatever else the run wants back) and
    `provenance` (device, versions, commit).
    """

    path: Path
    tensors: dict[str, Tensor]
    about: dict[str, Any]

    def part(self, prefix: str) -> dict[str, Tensor]:
        """Tensors whose names begin with `prefix` and a dot, both cut off."""
        start = prefix + "."
        return {
            name.removeprefix(start): tensor
            for name, tensor in self.tensors.items()
            if name.startswith(start)
        }


class Trained(NamedTuple):
    """A translator ready for use, its vocabulary, and what is known about the two."""

    model: EncoderDecoder
    subwords: Subwords
    about: dict[str, Any]


def save(
    path: Path,
    model: nn.Module,
    *,
    step: int,
    optimizer: torch.optim.Optimizer | None = None,
    subwords: Subwords | None = None,
    settings: Mapping[str, Any] | None = None,
    state: Mapping[str, Any] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> None:
    """Put everything into the one file `path`, in place of what was there.

    Args:
        path: the file; its folder is made if need be.
        model: its parameters are kept, tied ones once, and its `config`.
        step: updates made so far.
        optimizer: of `model.parameters()`; its numbers are kept under their names.
        subwords: the vocabulary.
        settings: JSON that a run must share to go on from here.
        state: JSON that a run wants back when it goes on.
        provenance: JSON, what this was made on (`runtime.provenance`).

    Raises:
        OSError: the disk is full or the folder read-only; the old file stays as it was.
    """
    tensors = {f"model.{name}": tensor for name, tensor in _named(model).items()}
    if optimizer is not None:
        tensors |= _moments(model, optimizer)
    if subwords is not None:
        tensors["subwords"] = torch.frombuffer(
            bytearray(subwords.to_bytes()), dtype=torch.uint8
        )
    about = {
        "format": FORMAT,
        "step": step,
        "model": _identity(model),
        "settings": settings or {},
        "state": state or {},
        "provenance": provenance or {},
    }
    storage.write(path, tensors, about)


def load(path: Path) -> Checkpoint:
    """Read a checkpoint and make sure that every bit is as it was written.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, cut short, or no checkpoint of this library.
    """
    tensors, about = storage.read(path)
    if about.get("format") != FORMAT:
        raise ValueError(
            f"{path} has format {about.get('format')}, this version reads {FORMAT}: "
            "read it with the version of allyouneed that wrote it"
        )
    about["model"] = completed(about["model"])
    return Checkpoint(path, tensors, about)


def restore(
    checkpoint: Checkpoint,
    model: nn.Module,
    *,
    optimizer: torch.optim.Optimizer | None = None,
    settings: Mapping[str, Any] | None = None,
) -> None:
    """Bring `model` and `optimizer` back to where the checkpoint was written.

    Raises:
        ValueError: it is of another model or run (it says how), or has no optimizer.
    """
    here = {"model": _identity(model), "settings": settings}
    given = {part: values for part, values in here.items() if values is not None}
    _same(checkpoint, json.loads(json.dumps(given)))
    saved, own = checkpoint.part("model"), _named(model)
    if {k: t.shape for k, t in saved.items()} != {k: t.shape for k, t in own.items()}:
        raise ValueError(
            f"{checkpoint.path} holds other tensors than the model: read it with the "
            f"version that wrote it ({checkpoint.about['provenance'].get('commit')})"
        )
    if optimizer and checkpoint.about["step"] and not checkpoint.part("optimizer"):
        raise ValueError(f"{checkpoint.path} holds no optimizer: restore without one")
    with torch.no_grad():
        for name, tensor in own.items():
            tensor.copy_(saved[name])
    if optimizer is not None:
        _load_moments(checkpoint, model, optimizer)


def load_translator(path: Path) -> Trained:
    """Read a trained translator, ready to use (no dropout) and on the CPU.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, or holds no translator.
    """
    return translator(load(path))


def translator(checkpoint: Checkpoint) -> Trained:
    """Build the model that a checkpoint holds, with its vocabulary.

    Raises:
        ValueError: it holds no vocabulary, or a model that this version cannot build.
    """
    values = dict(checkpoint.about["model"])
    name = values.pop("name", None)
    try:
        config = config_of(name, values)
    except ValueError as error:
        raise ValueError(f"{checkpoint.path} holds {error}") from None
    if "subwords" not in checkpoint.tensors:
        raise ValueError(f"{checkpoint.path} holds no sub-words: save them with it")
    model = build(config)
    model.to(next(iter(checkpoint.part("model").values())).dtype)
    restore(checkpoint, model)
    subwords = Subwords.from_bytes(checkpoint.tensors["subwords"].numpy().tobytes())
    return Trained(model.eval(), subwords, checkpoint.about)


def average(paths: Iterable[Path]) -> Checkpoint:
    """Average the parameters of a run's checkpoints; the rest is the last one's (6.1).

    Raises:
        ValueError: there are none, or they are of different models or runs.
    """
    found = [load(path) for path in paths]
    if not found:
        raise ValueError("paths is empty: give at least 1 checkpoint")
    last = found[-1]
    for checkpoint in found:
        _same(checkpoint, {part: last.about[part] for part in ("model", "settings")})
    tensors = {
        name: _mean([checkpoint.tensors[name] for checkpoint in found])
        if name.startswith("model.")
        else tensor
        for name, tensor in last.tensors.items()
        if not name.startswith("optimizer.")
    }
    return Checkpoint(last.path, tensors, last.about)


def _mean(tensors: list[Tensor]) -> Tensor:
    return torch.stack(tensors).double().mean(0).to(tensors[0].dtype)


def _named(model: nn.Module) -> dict[str, Tensor]:
    """Parameters and persistent buffers by name; tied ones once, the first name's."""
    named: dict[str, Tensor] = {}
    for name, tensor in model.state_dict(keep_vars=True).items():
        if not any(tensor is other for other in named.values()):
            named[name] = tensor
    return named


def _identity(model: nn.Module) -> dict[str, Any]:
    config: Any = getattr(model, "config", None)
    values = dataclasses.asdict(config) if config else {}
    return {"name": type(model).__name__} | values


def _moments(model: nn.Module, optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    return {
        f"optimizer.{name}.{key}": value
        for name, parameter in model.named_parameters()
        for key, value in optimizer.state.get(parameter, {}).items()
    }


def _load_moments(
    checkpoint: Checkpoint, model: nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """Give back its numbers: it counts its parameters, we name them."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    held = [names[id(p)] for group in optimizer.param_groups for p in group["params"]]
    state: dict[int, dict[str, Tensor]] = {}
    for index, name in enumerate(held):
        moments = checkpoint.part(f"optimizer.{name}")
        state[index] = {key: value.clone() for key, value in moments.items()}
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _same(checkpoint: Checkpoint, here: dict[str, Any]) -> None:
    there = {part: checkpoint.about[part] for part in here}
    differ = [
        f"{name}={there[part].get(name)!r} there, {here[part].get(name)!r} here"
        for part in here
        for name in sorted(there[part].keys() | here[part].keys())
        if there[part].get(name) != here[part].get(name)
    ]
    if differ:
        raise ValueError(
            f"{checkpoint.path} was made with other settings ({'; '.join(differ)}): "
            "use the same ones, or another folder"
        )
