"""A chapter alone in an empty folder, where only Colab's packages are.

The environment is a new one. PyTorch's files are linked into it from this one, because
they are large; the rest comes in the versions of Colab. The committed state is tested.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import distribution
from pathlib import Path

import nbformat
import pytest
from address import configured
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbformat import NotebookNode
from test_packaging import closure

ROOT = Path(__file__).parent.parent
CHAPTER = "chapters/08-masks.ipynb"
COLAB = [
    "numpy==2.0.2; python_version < '3.13'",
    "numpy; python_version >= '3.13'",  # Colab is at 3.12
    "matplotlib==3.10.0",
    "ipywidgets==7.7.1",
    "ipython==7.34.0; python_version < '3.13'",
    "ipython; python_version >= '3.13'",
    "ipykernel>=6.17",
]


class Colab:
    """An environment with what Colab ships, and the kernel in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        command([sys.executable, "-m", "venv", folder / "env"])
        self.python = folder / "env/bin/python"
        get = "import sysconfig; print(sysconfig.get_path('purelib'))"
        self.packages = Path(command([self.python, "-c", get]).strip())
        for name in closure({"torch"}) - {"pip"}:
            link(name, self.packages)
        install(self.python, COLAB)
        kernel = {"argv": [str(self.python), "-m", "ipykernel_launcher", "-f"]}
        kernel["argv"] += ["{connection_file}"]
        (folder / "kernels/colab").mkdir(parents=True)
        spec = kernel | {"display_name": "Colab", "language": "python"}
        (folder / "kernels/colab/kernel.json").write_text(json.dumps(spec))

    def run(self, notebook: NotebookNode, folder: Path) -> None:
        """Execute the notebook in that folder; an exception in a cell comes out."""
        specs = KernelSpecManager(kernel_dirs=[str(self.folder / "kernels")])
        manager = AsyncKernelManager(kernel_name="colab", kernel_spec_manager=specs)
        where = {"metadata": {"path": str(folder)}}
        NotebookClient(notebook, km=manager, timeout=300, resources=where).execute()

    def installed(self) -> dict[str, str]:
        """Versions by package."""
        frozen = command([self.python, "-m", "pip", "list", "--format=json"])
        return {entry["name"]: entry["version"] for entry in json.loads(frozen)}

    def files(self) -> dict[str, tuple[int, int]]:
        """Inode and time of every file that pip keeps its books in."""
        books = sorted(self.packages.glob("*.dist-info/*"))
        return {
            str(p.relative_to(self.packages)): (p.stat().st_ino, p.stat().st_mtime_ns)
            for p in books
        }


def command(arguments: list[str | Path]) -> str:
    """Run it outside of our own environment; its output."""
    ours = ("ALLYOUNEED_", "PYTEST_", "PYTHON", "MPLBACKEND", "VIRTUAL_ENV")
    clean = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    done = subprocess.run(arguments, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def link(name: str, target: Path) -> None:
    """Put the files of an installed package into another environment as well."""
    home = Path(sysconfig.get_path("purelib")).resolve()
    for file in distribution(name).files or []:
        source = Path(str(file.locate())).resolve()
        if source.is_file() and source.is_relative_to(home):
            copy = target / source.relative_to(home)
            copy.parent.mkdir(parents=True, exist_ok=True)
            try:
                copy.hardlink_to(source)
            except OSError:  # another file system
                shutil.copy2(source, copy)


def install(python: Path, packages: list[str]) -> None:
    """By uv, which is quick, else by pip, which knows the machine's own settings."""
    uv = Path(sys.executable).with_name("uv")
    try:
        command([uv, "pip", "install", "--python", python, *packages])
    except AssertionError:
        command([python, "-m", "pip", "install", *packages])


@pytest.fixture(scope="module")
def colab(tmp_path_factory: pytest.TempPathFactory) -> Colab:
    return Colab(tmp_path_factory.mktemp("colab"))


def chapter() -> NotebookNode:
    """The committed chapter; it asks for the committed package of this very clone."""
    text = command(["git", "-C", ROOT, "show", f"HEAD:{CHAPTER}"])
    notebook = nbformat.reads(text, as_version=4)
    guard = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert configured(ROOT) in guard.source
    guard.source = guard.source.replace(configured(ROOT), f"file://{ROOT}")
    return notebook


def test_a_chapter_runs_on_colab_and_replaces_nothing(
    colab: Colab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [n for n in os.environ if n.startswith(("ALLYOUNEED_", "MPLBACKEND"))]:
        monkeypatch.delenv(name)
    before, books = colab.installed(), colab.files()
    notebook = chapter()
    colab.run(notebook, tmp_path)
    after = colab.installed()
    assert "allyouneed" in after.keys() - before.keys()
    assert {name: after.get(name) for name in before} == before
    assert books.items() <= colab.files().items()
    outputs = [o for c in notebook.cells for o in c.get("outputs", [])]
    widget = "application/vnd.jupyter.widget-view+json"
    assert any(widget in o.get("data", {}) for o in outputs)

    # The first cell once more, now that the package is there: it does nothing.
    guard = next(cell for cell in notebook.cells if cell.cell_type == "code")
    books = colab.files()
    again = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(guard.source)])
    colab.run(again, tmp_path)
    assert colab.files() == books
    assert again.cells[0].outputs == []
