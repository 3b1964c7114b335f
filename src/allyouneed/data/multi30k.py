"""Multi30k: image captions in English, German, French, fetched and never passed on.

The files are those of one commit, known by their sha256. They are read from the folder
that ALLYOUNEED_DATA names, or fetched once, into the user's cache.
"""

import gzip
import hashlib
import os
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from types import MappingProxyType

from allyouneed.ground import storage
from allyouneed.ground.plain_text import lines_of, tidy

LANGUAGES = ("en", "de", "fr")
NOTICE = (
    "Multi30k, task 1 (https://github.com/multi30k/dataset): "
    "for research and education only, not to be passed on."
)
COMMIT = "a3d2e0d26b56f3846f66a952536ffed4e401d05a"
ADDRESS = f"https://raw.githubusercontent.com/multi30k/dataset/{COMMIT}/data/task1/raw"
STEMS = MappingProxyType({"train": "train", "valid": "val", "test": "test_2016_flickr"})
SHA256 = MappingProxyType(
    {
        "train.en": "d79cfa999dd4c51d2cb42499b6796d5a882c3a8a961923c25a898c90f8bbd56f",
        "train.de": "726e39b2fa9eb9ffb6dc763fb35a179f80fae06ffc5d28b6ace5faa883de28a6",
        "train.fr": "622e75069e9f4c577425c4f277116ce66e63a2401c0a2312d90073cb12379a3c",
        "val.en": "14f7d25ddd868909a9213e361768460edcacdd6ab9d1e77b92560dc10c10dc28",
        "val.de": "f0cba2f995189cf5770f29a8a9a537a3ad3f51657ad873405082ff6863a5e75a",
        "val.fr": "ca3106f1a72390591d25f6c45cb4cd39dec4cd3f123e099748a3ce5256c160e9",
        "test_2016_flickr.en": (
            "611d361c6334bc7246101d48097c13cf5c4413c5befc793cc629934359d532d9"
        ),
        "test_2016_flickr.de": (
            "9204244e408ccb38d2a55cfcd344df15005fc42a07a6e55ca6c52b6ababb8cc8"
        ),
        "test_2016_flickr.fr": (
            "6d326e188d259fb1d04ac19eae3af956559b3a0b93d7635e56c90987c40c8b90"
        ),
    }
)


class MissingCorpusError(ValueError):
    """A corpus is not on this machine and cannot be fetched now."""


def pairs(split: str, source: str, target: str) -> list[tuple[str, str]]:
    """Read one split, `train`, `valid` or `test`, each sentence made `tidy`.

    Left out are lines without a letter: two of the German ones are "@@".

    Raises:
        MissingCorpusError: a file is not here, and not to be fetched.
        ValueError: a file is another one, or two are no translations line by line.
    """
    names = [f"{STEMS[split]}.{language}" for language in (source, target)]
    a, b = (lines_of(gzip.decompress(_content(n)), name=f"{n}.gz") for n in names)
    if len(a) != len(b):
        raise ValueError(
            f"{names[0]}.gz has {len(a)} lines and {names[1]}.gz {len(b)}: "
            "give files that are translations line by line"
        )
    rows = [(tidy(x), tidy(y)) for x, y in zip(a, b, strict=True)]
    return [r for r in rows if all(any(map(str.isalpha, side)) for side in r)]


def _content(name: str) -> bytes:
    own, cache = os.environ.get("ALLYOUNEED_DATA"), _cache()
    folders = [Path(own), Path(own) / "multi30k"] if own else []
    folders += [cache] if cache else []
    tried = []
    for path in (folder / f"{name}.gz" for folder in folders):
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            tried.append(str(path.parent))
        except OSError as error:
            tried.append(f"{path.parent} ({error.strerror})")
        else:
            return _verified(content, name, path)
    content = _verified(_fetched(f"{name}.gz", tried), name, f"{ADDRESS}/{name}.gz")
    if cache:
        with suppress(OSError):  # read-only or full: then it is fetched each time
            storage.replace(cache / f"{name}.gz", content)
    return content


def _cache() -> Path | None:
    """Where fetched files are kept; None for a user without a home."""
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:
        return None
    return base / "allyouneed/multi30k"


def _fetched(file: str, tried: list[str]) -> bytes:
    try:
        with urllib.request.urlopen(f"{ADDRESS}/{file}", timeout=30) as answer:
            return bytes(answer.read())
    except (OSError, HTTPException) as error:
        places = " or ".join(tried) or "a cache, for there is no HOME"
        raise MissingCorpusError(
            f"multi30k: {file} is not in {places}, nor to be had from {ADDRESS} "
            f"({error}): go online, or name the folder that has it in ALLYOUNEED_DATA, "
            "or take the corpus help"
        ) from error


def _verified(content: bytes, name: str, place: str | Path) -> bytes:
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[name]:
        raise ValueError(
            f"{place} has sha256 {found}, expected {SHA256[name]}: put the file of "
            f"commit {COMMIT[:7]} there, or name another folder in ALLYOUNEED_DATA"
        )
    return content
