"""What git says of the files that run here, and what any other command prints."""

import json
import subprocess
from importlib import metadata
from pathlib import Path


def commit() -> str | None:
    """Name the git commit this package runs from, "+" added if files differ from it.

    None where the package was not installed from git.
    """
    package = Path(__file__).parents[1]
    if output("git", "-C", str(package), "ls-files", "__init__.py"):
        found = output("git", "-C", str(package), "rev-parse", "HEAD")
        # Without optional locks: a run that is killed here would leave one behind.
        status = ("--no-optional-locks", "status", "--porcelain", "-uno", "--", ".")
        changed = output("git", "-C", str(package), *status)
        return f"{found}+" if changed else found
    try:
        origin = metadata.distribution("allyouneed").read_text("direct_url.json")
    except metadata.PackageNotFoundError:
        return None
    return json.loads(origin or "{}").get("vcs_info", {}).get("commit_id")


def output(*command: str, even_failed: bool = False) -> str | None:
    """What a command prints; None if it is not here, or failed and is not asked so."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=10
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if even_failed or done.returncode == 0 else None
