"""A folder in which a group puts its own notes to the test.

Its files are copies of those in `template/LANGUAGE`: a ledger with three claims, and a
notebook that decides two of them.
"""

from importlib.resources import files
from pathlib import Path

LANGUAGES = ("en", "zh")
FILES = ("claims.toml", "notebook.ipynb")


def begin(folder: Path, *, language: str = "en") -> list[Path]:
    """Write the files into `folder`, which is made if need be; say which they are.

    Raises:
        ValueError: an unknown language, or a place where something is already.
    """
    if language not in LANGUAGES:
        raise ValueError(f"{language=}: choose {' or '.join(LANGUAGES)}")
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"{folder} is a file: give the name of a new folder")
    paths = [folder / name for name in FILES]
    for path in paths:
        if path.exists():
            raise ValueError(
                f"{path} is there and stays as it is: give the name of a new folder"
            )
    templates = files("allyouneed") / "template" / language
    folder.mkdir(parents=True, exist_ok=True)
    for path in paths:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write((templates / path.name).read_text(encoding="utf-8"))
    return paths
