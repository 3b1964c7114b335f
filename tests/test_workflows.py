"""The files GitHub reads, checked without GitHub."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
WRITES = {
    "pages.yml": {"pages", "id-token", "contents"},  # contents: the branch zh
    "newest.yml": {"issues"},
}

SCHEMAS = [("vendor.github-workflows", path) for path in WORKFLOWS] + [
    ("vendor.dependabot", GITHUB / "dependabot.yml"),
    ("vendor.citation-file-format", ROOT / "CITATION.cff"),
]


def tool(name: str, *arguments: str | Path) -> None:
    """Run a command of this environment; fail with what it says."""
    command = [str(Path(sys.executable).with_name(name)), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def jobs(path: Path) -> dict[str, Any]:
    """The workflow's jobs by name."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]


@pytest.mark.parametrize(("schema", "path"), SCHEMAS, ids=lambda x: Path(x).name)
def test_files_follow_their_schema(schema: str, path: Path) -> None:
    tool("check-jsonschema", "--builtin-schema", schema, path)


def test_workflows_pass_the_security_linter() -> None:
    tool("zizmor", "--offline", "--quiet", "--no-progress", GITHUB)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_action_is_pinned_by_commit_with_its_version(path: Path) -> None:
    used = re.findall(r"uses: *(.+)", path.read_text(encoding="utf-8"))
    assert used
    assert [action for action in used if not PINNED.fullmatch(action)] == []


def test_one_commit_stands_for_each_action_everywhere() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS)
    actions = set(re.findall(r"uses: *(.+)", text))
    assert len({action.split("@")[0] for action in actions}) == len(actions)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_jobs_may_do_no_more_than_they_must(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {}
    assert "concurrency" in workflow
    text = path.read_text(encoding="utf-8")
    assert text.count("persist-credentials: false") == text.count("actions/checkout@")
    granted = [job["permissions"] for job in jobs(path).values()]
    writes = {name for p in granted for name, level in p.items() if level == "write"}
    assert writes == WRITES.get(path.name, set())
    assert all(job["timeout-minutes"] <= 45 for job in jobs(path).values())


def test_tests_run_on_each_python_that_the_package_names() -> None:
    matrix = jobs(GITHUB / "workflows/tests.yml")["test"]["strategy"]["matrix"]
    assert matrix["python"] == ["3.11", "3.12", "3.13"]


def test_ci_runs_make_test_and_nothing_else() -> None:
    lines = (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert lines == [
        "#!/usr/bin/env bash",
        "set -euo pipefail",
        'cd "$(dirname "$0")/.."',
        "make test",
    ]


def test_pre_commit_accepts_its_configuration() -> None:
    tool("pre-commit", "validate-config")


def test_the_lowest_versions_are_tried_with_all_extras_and_a_chapter() -> None:
    found = jobs(GITHUB / "workflows/tests.yml")
    (python,) = [
        step["with"]["python-version"]
        for step in found["lowest"]["steps"]
        if "setup-python" in step.get("uses", "")
    ]
    assert python == found["test"]["strategy"]["matrix"]["python"][0]
    text = "\n".join(step.get("run", "") for step in found["lowest"]["steps"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = ",".join(project["project"]["optional-dependencies"])
    assert f'--resolution lowest-direct -e ".[{extras}]"' in text
    assert "python -m pytest" in text
    assert "python tools/chapter.py" in text
