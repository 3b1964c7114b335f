"""Run chapters and store their outputs: the same bytes when nothing has changed."""

import argparse
import hashlib
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "_ext"))  # tools share the reading of cards with the site
BUDGET_SECONDS = 60  # for one chapter, on two CPU cores
KEPT = {"tags", "mystnb"}  # of a cell's metadata; the rest is an editor's memory
METADATA = {
    "kernelspec": {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}


def canonical(notebook: NotebookNode) -> str:
    """The notebook as it is stored: nothing in it tells when or where it was run."""
    notebook = nbformat.from_dict(notebook)
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for position, cell in enumerate(notebook.cells):
        kept = {key: cell.metadata[key] for key in sorted(KEPT & set(cell.metadata))}
        cell.metadata = nbformat.from_dict(kept)
        cell.pop("attachments", None)
        if not cell.get("id"):
            seed = f"{position}\n{cell.source}".encode()
            cell.id = hashlib.sha1(seed).hexdigest()[:8]
        for output in cell.get("outputs", []):
            if "metadata" in output:
                output.metadata = nbformat.from_dict({})
    return nbformat.writes(notebook) + "\n"


def read(path: Path) -> NotebookNode:
    """The notebook, checked for its format."""
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    return notebook


def run(path: Path) -> float:
    """Execute the chapter, store its outputs, return the seconds it took."""
    notebook = read(path)
    begin = time.perf_counter()
    NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    seconds = time.perf_counter() - begin
    path.write_text(canonical(notebook), encoding="utf-8", newline="\n")
    return seconds


def find(name: str, root: Path = ROOT) -> Path:
    """The chapter of that number, "5" or "05", or of that name, "how-fast".

    Raises:
        ValueError: there is no such chapter, or more than one.
    """
    stem = f"{name.zfill(2)}-*" if name.isdecimal() else name
    found = sorted((root / "chapters").glob(f"{stem}.ipynb"))
    if len(found) != 1:
        known = ", ".join(p.stem for p in sorted((root / "chapters").glob("*.ipynb")))
        raise ValueError(f"no chapter {name!r}; there are: {known}")
    return found[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="+", help="numbers or names of chapters, such as 05 or how-fast"
    )
    os.environ |= {"ALLYOUNEED_STRICT": "1", "ALLYOUNEED_STATIC": "1"}
    os.environ["PYTHONHASHSEED"] = "0"
    try:
        paths = [find(name) for name in parser.parse_args().names]
    except ValueError as problem:
        sys.exit(str(problem))
    for path in paths:
        seconds = run(path)
        late = f", over {BUDGET_SECONDS} s!" if seconds > BUDGET_SECONDS else ""
        print(f"{path.relative_to(ROOT)}: {seconds:.0f} s{late}")


if __name__ == "__main__":
    main()
