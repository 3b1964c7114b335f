"""Tensors and a piece of JSON in one file that is whole or not there at all.

The format is safetensors: named numbers, nothing that could run when it is read. A file
is replaced in one stroke, and a digest over everything in it shows any damage.
"""

import errno
import glob
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise
from torch import Tensor


def write(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
    """Put tensors and JSON into the one file `path`, in place of what was there.

    Raises:
        OSError: the disk is full or the folder read-only; the old file stays as it was.
    """
    own = {name: t.detach().cpu().contiguous() for name, t in tensors.items()}
    text = json.dumps(about, ensure_ascii=False)
    replace(path, serialise(own, {"about": text, "sha256": _digest(text, own)}))


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read what `write` wrote, every bit as it was.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, cut short, or something else.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f"there is no file {path}: check the path, or train one"
        )
    try:
        with safe_open(path, framework="pt") as file:
            notes = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise ValueError(
            f"{path} is damaged or cut short ({error}): delete it, or use an older one"
        ) from error
    if not {"about", "sha256"} <= notes.keys():
        raise ValueError(f"{path} was not written by allyouneed: give one that was")
    if _digest(notes["about"], tensors) != notes["sha256"]:
        raise ValueError(
            f"{path} is damaged (its sha256 differs): delete it, or use an older one"
        )
    return tensors, json.loads(notes["about"])


def replace(path: Path, content: bytes) -> None:
    """Put `content` in place of the file, all of it or nothing, and onto the disk.

    Raises:
        OSError: it could not be written; the old file stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # of a full disk, the system names none
        raise
    _flush(path.parent)


def check(path: Path) -> None:
    """Make sure that `replace` may write here, before there is something to lose.

    Raises:
        OSError: the folder cannot be made, or nothing can be written in it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(b"")
    finally:
        partial.unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    """Bring the folder's list of names onto the disk, where a folder can be flushed."""
    if os.name != "posix":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network disks
            raise
    finally:
        os.close(opened)


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock that `path` names; False if another has it and `wait` is.

    The system frees what a process held, however it ends.

    Raises:
        OSError: the system has no such locks (Windows).
    """
    try:
        import fcntl
    except ImportError:
        raise OSError(f"{path}: this system has no flock, so work alone") from None
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


def copy_of(path: Path, step: int) -> Path:
    """Name the file beside `path` that keeps it as it was at `step`."""
    return path.with_name(f"{path.stem}-{step:09d}{path.suffix}")


def copies(path: Path) -> list[Path]:
    """List the files that `copy_of` names, the oldest first."""
    stem, suffix = glob.escape(path.stem), glob.escape(path.suffix)
    return sorted(path.parent.glob(f"{stem}-{'[0-9]' * 9}{suffix}"))


def tidy(path: Path) -> None:
    """Delete what a kill in the middle of `write` left beside `path`."""
    for partial in path.parent.glob(f"{glob.escape(path.name)}.*.partial"):
        partial.unlink(missing_ok=True)


def _digest(text: str, tensors: Mapping[str, Tensor]) -> str:
    digest = hashlib.sha256(text.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        content: Any = tensor.reshape(-1).view(torch.uint8).numpy()
        digest.update(content)
    return digest.hexdigest()
