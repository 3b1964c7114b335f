"""Write the repository's address, which _config.yml holds, wherever else it stands."""

import argparse
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import yaml

ROOT = Path(__file__).parent.parent
KINDS = ("*.cff", "*.ipynb", "*.md", "*.py", "*.toml", "*.yml")
# The first code cell of every chapter. It does nothing where the package is at hand.
GUARD = """\
try:
    import allyouneed  # noqa: F401
except ImportError:
    %pip install -q "git+{address}\""""


def configured(root: Path) -> str:
    """The address in _config.yml.

    Raises:
        ValueError: it is not a repository's address on GitHub.
    """
    text = (root / "_config.yml").read_text(encoding="utf-8")
    return checked(yaml.safe_load(text)["repository"]["url"])


def checked(address: str) -> str:
    """The same address.

    Raises:
        ValueError: it is not a repository's address on GitHub.
    """
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", address):
        raise ValueError(f"address {address!r}: give https://github.com/owner/name")
    return address


def places(root: Path) -> list[Path]:
    """The tracked files in which an address may stand."""
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard", *KINDS],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = (root / name for name in listed.stdout.split("\0") if name)
    return [path for path in paths if path.is_file()]


def stamped(text: str, *, names: set[str], address: str) -> str:
    """The text with every address of a repository or site of these names replaced."""
    owner, name = address.split("/")[-2:]
    known = "|".join(map(re.escape, sorted(names)))
    pattern = rf"(github\.com/|google\.com/github/)[\w.-]+/(?:{known})\b(?!-)"
    text = re.sub(pattern, rf"\g<1>{owner}/{name}", text)
    site = rf"https://[\w-]+\.github\.io/(?:{known})\b(?!-)"
    return re.sub(site, f"https://{owner}.github.io/{name}", text)


def without_guard(root: Path, address: str) -> list[Path]:
    """Chapters whose first code cell is not the guard with this address."""
    found = []
    for path in sorted((root / "chapters").glob("*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        code = [cell.source for cell in cells if cell.cell_type == "code"]
        if code[:1] != [GUARD.format(address=address)]:
            found.append(path)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing")
    parser.add_argument("--set", metavar="ADDRESS", type=checked, help="a new address")
    arguments = parser.parse_args()
    old = configured(ROOT)
    address = arguments.set or old
    names = {old.split("/")[-1], address.split("/")[-1]}
    wrong = [f"{p.name}: the guard cell is missing" for p in without_guard(ROOT, old)]
    for path in places(ROOT):
        text = path.read_text(encoding="utf-8")
        new = stamped(text, names=names, address=address)
        if new != text and arguments.check:
            wrong.append(f"{path.relative_to(ROOT)}: another address than {address}")
        elif new != text:
            path.write_text(new, encoding="utf-8", newline="\n")
    if arguments.check and wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
