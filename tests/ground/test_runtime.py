"""Device, precision, chance and provenance, against what the system itself says."""

import ast
import json
import subprocess
from pathlib import Path

import pytest
import torch

import allyouneed
from allyouneed.ground import runtime

CPU, GPU = torch.device("cpu"), torch.device("cuda")
HERE = Path(allyouneed.__file__).parent


@pytest.mark.parametrize(
    ("cuda", "mps", "expected"),
    [(True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")],
)
def test_the_best_device_is_picked(
    monkeypatch: pytest.MonkeyPatch, cuda: bool, mps: bool, expected: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
    monkeypatch.setattr(torch.mps, "is_available", lambda: mps)
    assert runtime.device().type == expected
    assert runtime.device("cpu") == CPU


@pytest.mark.parametrize("name", ["cuda:1", "tpu", "", "mps"])
def test_a_device_that_is_not_here_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.mps, "is_available", lambda: False)
    with pytest.raises(ValueError, match="choose from cpu"):
        runtime.device(name)


@pytest.mark.parametrize(
    ("capability", "expected"), [((7, 5), "fp16"), ((8, 0), "bf16"), ((9, 0), "bf16")]
)
def test_a_t4_gets_fp16_and_newer_cards_bf16(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], expected: str
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    assert runtime.precision(GPU) == expected
    assert runtime.precision(CPU) == "fp32"


def test_a_seeded_block_repeats_itself_and_leaves_no_trace() -> None:
    torch.manual_seed(1)
    expected = torch.rand(2)
    torch.manual_seed(1)
    first = torch.rand(1)
    with runtime.seeded(CPU, 7):
        inside = torch.rand(3)
    with pytest.raises(AssertionError), runtime.seeded(CPU, 7):
        assert not torch.equal(torch.rand(3), inside)
    torch.testing.assert_close(torch.cat((first, torch.rand(1))), expected)


def test_autocast_changes_the_arithmetic_only_when_asked() -> None:
    a = torch.ones(2, 2)
    with runtime.autocast(CPU, "fp32"):
        assert (a @ a).dtype == torch.float32
    with runtime.autocast(CPU, "bf16"):
        assert (a @ a).dtype == torch.bfloat16
    with runtime.autocast(CPU, "fp16"):
        assert (a @ a).dtype == torch.float16


def test_provenance_is_json_and_names_the_commit_of_the_checkout() -> None:
    about = json.loads(json.dumps(runtime.provenance(CPU)))
    assert about["versions"]["torch"] == torch.__version__
    git = ("git", "-C", str(HERE), "rev-parse", "HEAD")
    head = subprocess.run(git, capture_output=True, text=True, check=False)
    tracked = HERE.parent.name == "src" and head.returncode == 0
    expected = head.stdout.strip() if tracked else None
    assert (about["commit"] or "").rstrip("+") == (expected or "")


def test_without_git_there_is_no_commit_and_no_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", "")
    assert runtime.commit() is None
    assert (runtime.installation().smi, runtime.installation().toolkit) == (None, None)


def test_memory_and_speed_are_of_a_believable_size() -> None:
    status = Path("/proc/self/status").read_text()
    now = int(status.partition("VmRSS:")[2].split()[0]) * 1024
    assert 0.5 * now < (runtime.peak_bytes(CPU) or 0) < (runtime.memory_bytes(CPU) or 0)
    assert 1e8 < runtime.matmul_rate(CPU, "fp32", duration=0.02) < 1e15
    assert torch.__version__ in runtime.describe(CPU)


def test_only_runtime_names_a_kind_of_gpu() -> None:
    named = [
        f"{path.name}:{node.lineno}"
        for path in HERE.rglob("*.py")
        if path.name != "runtime.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in ("cuda", "mps"))
        or (isinstance(node, ast.Constant) and node.value in ("cuda", "mps"))
    ]
    assert not named


def test_the_version_of_torch_is_its_own_whatever_its_metadata_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime.metadata, "version", lambda _: "1.0")
    versions = runtime.provenance(CPU)["versions"]
    assert isinstance(versions, dict)
    assert type(versions["torch"]) is str
    assert versions["torch"] == torch.__version__
    assert versions["numpy"] == "1.0"


def test_a_card_beyond_the_last_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert runtime.device("cuda:0").index == 0
    with pytest.raises(ValueError, match="name='cuda:7' is not here"):
        runtime.device("cuda:7")
