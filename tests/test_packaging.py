"""What is installed, and where the repository's address stands."""

import os
import re
import shutil
import subprocess
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

import address
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
# What Colab has had for long; newer versions there satisfy the same ranges.
COLAB = {"torch": "2.6.0", "numpy": "1.26.4", "matplotlib": "3.10.0"}
COLAB |= {"ipywidgets": "7.7.1", "tqdm": "4.67.1", "safetensors": "0.5.3"}


def listed(name: str) -> dict[str, Requirement]:
    """The requirements of one file, by canonical name."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [Requirement(x) for x in lines if re.match(r"[A-Za-z]", x)]
    return {canonicalize_name(r.name): r for r in found}


def closure(names: set[str]) -> set[str]:
    """These packages and all that came with them into this environment."""
    todo, seen = set(names), set[str]()
    while todo:
        name = todo.pop()
        try:
            needs = [Requirement(r) for r in requires(name) or []]
        except PackageNotFoundError:  # for another system or Python
            continue
        seen.add(name)
        here = (r for r in needs if not r.marker or r.marker.evaluate({"extra": ""}))
        todo |= {canonicalize_name(r.name) for r in here} - seen
    return seen


def test_the_library_asks_for_the_same_ranges_in_both_files() -> None:
    extras = PROJECT["optional-dependencies"].values()
    groups = [PROJECT["dependencies"], *extras]
    mine = [Requirement(line) for group in groups for line in group]
    everything = listed("requirements.txt")
    assert all(everything[canonicalize_name(r.name)] == r for r in mine)


def test_colab_need_not_replace_what_it_has() -> None:
    ranges = {r.name: r.specifier for r in map(Requirement, PROJECT["dependencies"])}
    assert all(ranges[name].contains(version) for name, version in COLAB.items())


def test_every_requirement_has_one_exact_version_within_its_range() -> None:
    pins = listed("constraints.txt")
    for name in ("requirements.txt", "requirements-book.txt"):
        for package, wanted in listed(name).items():
            (pin,) = pins[package].specifier
            assert pin.operator == "=="
            assert wanted.specifier.contains(pin.version)


def test_constraints_hold_on_any_system() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "torch==2.13.0\n" in text
    assert not re.search(r"nvidia|triton|cuda|\+cpu|@|;", text)


def test_building_the_site_needs_no_torch() -> None:
    site = closure(set(listed("requirements-book.txt")))
    assert "sphinx" in site
    assert not site & {"torch", "numpy", "matplotlib"}


def test_the_address_is_the_same_everywhere() -> None:
    own = address.configured(ROOT)
    assert address.without_guard(ROOT, own) == []
    for path in address.places(ROOT):
        text = path.read_text(encoding="utf-8")
        assert address.stamped(text, names={own.split("/")[-1]}, address=own) == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"git+https://github.com/a/book"', '"git+https://github.com/me/copy"'),
        ("https://github.com/a/book/issues", "https://github.com/me/copy/issues"),
        ("google.com/github/a/book/blob/x", "google.com/github/me/copy/blob/x"),
        ("https://a.github.io/book/x", "https://me.github.io/copy/x"),
        ("https://github.com/a/book-tools", "https://github.com/a/book-tools"),
        ("https://github.com/a/other", "https://github.com/a/other"),
    ],
)
def test_a_fork_gets_its_own_address(before: str, after: str) -> None:
    fork = "https://github.com/me/copy"
    assert address.stamped(before, names={"book", "copy"}, address=fork) == after


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="give https://github"):
        address.checked("github.com/owner")


def test_python_too_old_is_answered_by_a_sentence(tmp_path: Path) -> None:
    for name in ("Makefile", "requirements-book.txt", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    done = subprocess.run(
        ["make", "book", "PYTHON=false"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "The book needs Python 3.11 or newer" in done.stderr
