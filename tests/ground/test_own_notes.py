"""The folder that `notes new` writes is whole: its notebook runs from end to end."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from allyouneed.ground import own_notes


@pytest.mark.parametrize(
    ("language", "words"), [("en", ("holds", "open")), ("zh", ("成立", "未定"))]
)
def test_the_notebook_decides_its_claims(
    language: str,
    words: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALLYOUNEED_STRICT", "1")
    ledger, path = own_notes.begin(tmp_path / "new" / "ours", language=language)
    assert [ledger.name, path.name] == ["claims.toml", "notebook.ipynb"]
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, kernel_name="python3", resources=resources).execute()
    outputs = [
        out["data"] for cell in notebook.cells for out in cell.get("outputs", [])
    ]
    cards = [data["text/html"] for data in outputs if "text/html" in data]
    assert len(cards) == 2
    assert not any("verdict-differs" in card for card in cards)
    table = outputs[-1]["text/markdown"]
    assert all(word in table for word in words)
    assert table.count("\n") == 5  # head, rule, three claims, the sum


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    own_notes.begin(tmp_path)  # empty, so it will do
    for path in tmp_path.iterdir():
        path.write_text("mine", encoding="utf-8")
    (tmp_path / "claims.toml").unlink()
    with pytest.raises(ValueError, match=r"notebook\.ipynb is there and stays"):
        own_notes.begin(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notebook.ipynb"]
    assert (tmp_path / "notebook.ipynb").read_text(encoding="utf-8") == "mine"


def test_a_place_or_language_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is a file"):
        own_notes.begin(tmp_path / "file")
    with pytest.raises(ValueError, match="choose en or zh"):
        own_notes.begin(tmp_path / "new", language="de")
    assert not (tmp_path / "new").exists()
