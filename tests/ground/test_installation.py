"""What nvidia-smi prints is read as it is, and a machine is told what to mend."""

from pathlib import Path

import pytest

from allyouneed.ground.diagnosis import diagnose
from allyouneed.ground.installation import (
    Installation,
    Smi,
    build_of,
    read_nvcc,
    read_smi,
    runs,
)

# Written by hand, in the formats of three generations of the command.
TABLES = Path(__file__).parent / "smi"
OLD = (TABLES / "old.txt").read_text(encoding="utf-8")
WINDOWS = (TABLES / "windows.txt").read_text(encoding="utf-8")
WSL = WINDOWS.replace("SMI 566.24", "SMI 565.75").replace("WDDM", "  On")
NEW = (TABLES / "new.txt").read_text(encoding="utf-8")
FAILED = (
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. "
    "Make sure that the latest NVIDIA driver is installed and running."
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OLD, Smi("331.62", "331.62", None, ("GeForce GTX 680",))),
        (WINDOWS, Smi("566.24", "566.24", "12.7", ("NVIDIA GeForce RTX 4060 ...",))),
        (WSL, Smi("565.75", "566.24", "12.7", ("NVIDIA GeForce RTX 4060 ...",))),
        (NEW, Smi("610.43.02", "610.43.02", "13.3", ("NVIDIA B200",) * 2)),
        (
            WSL.replace("12.7", "ERR!"),
            Smi("565.75", "566.24", None, ("NVIDIA GeForce RTX 4060 ...",)),
        ),
    ],
)
def test_every_generation_of_the_table_is_read(text: str, said: Smi) -> None:
    assert read_smi(text) == said
    assert read_smi(text.replace("\n", "\r\n")) == said


def test_what_is_no_table_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no table of nvidia-smi in .NVIDIA-SMI has"):
        read_smi(FAILED)
    with pytest.raises(ValueError, match="no release in 'command not found'"):
        read_nvcc("command not found")


@pytest.mark.parametrize(
    ("torch", "built"),
    [("2.8.0+cu126", "12.6"), ("2.13.0+cu130", "13.0"), ("1.12+cu92", "9.2")],
)
def test_the_tag_names_the_build(torch: str, built: str) -> None:
    assert build_of(torch) == built


@pytest.mark.parametrize("torch", ["2.8.0", "2.8.0+rocm6.3", "2.8.0a0+git12"])
def test_a_version_without_such_a_tag_says_nothing(torch: str) -> None:
    with pytest.raises(ValueError, match=r"does not say what it was built for"):
        build_of(torch)


@pytest.mark.parametrize(
    ("driver", "newest", "built", "windows", "expected"),
    [
        ("566.24", "12.7", "12.6", True, True),
        ("566.24", "12.7", "12.9", True, True),  # a later one of the same major
        ("566.24", "12.7", "11.8", True, True),
        ("566.24", "12.7", "13.0", True, False),
        ("525.60.13", None, "12.4", False, True),
        ("525.60.11", None, "12.4", False, False),
        ("526.10", None, "12.4", True, False),  # Windows asks for more
        ("580.65.06", None, "13.0", False, True),
    ],
)
def test_a_driver_runs_its_major_version_and_older_ones(
    driver: str, newest: str | None, built: str, windows: bool, expected: bool
) -> None:
    assert runs(Smi(driver, driver, newest, ()), built, windows=windows) is expected


def test_of_an_unknown_cuda_nothing_is_claimed() -> None:
    smi = Smi("331.62", "331.62", None, ())
    with pytest.raises(ValueError, match=r"built_for='14.0': known are 11, 12, 13"):
        runs(smi, "14.0")
    machine = Installation(torch="3.0+cu140", smi=OLD, built_for="14.0")
    assert [found.kind for found in diagnose(machine)] == ["note"]


CPU, GPU = {"torch": "2.8.0+cpu"}, {"torch": "2.8.0+cu126", "built_for": "12.6"}


@pytest.mark.parametrize(
    ("facts", "kinds", "words"),
    [
        (CPU, "ok", "a PyTorch that asks for none"),
        (GPU, "mend", "no NVIDIA driver answers"),
        (GPU | {"wsl": True}, "mend", "on Windows, never inside WSL"),
        (GPU | {"smi": FAILED}, "mend", "reaches no driver"),
        (CPU | {"smi": WINDOWS}, "mend", "a build for CUDA 12 or older"),
        (GPU | {"smi": WINDOWS, "usable": True}, "ok", "up to 12.7"),
        (GPU | {"smi": WINDOWS, "usable": False}, "mend", "CUDA_VISIBLE_DEVICES"),
        (GPU | {"smi": WSL, "wsl": True}, "ok note", "Install no driver in WSL"),
        (GPU | {"smi": WSL}, "ok", "up to 12.7"),  # a container may bring its own tool
        (GPU | {"smi": WINDOWS, "toolkit": "12.6"}, "ok ok", "only to compile"),
        (GPU | {"smi": WINDOWS, "toolkit": "13.0"}, "ok mend", "will not run here"),
        (GPU | {"smi": WINDOWS, "toolkit": "11.8"}, "ok note", "will not compile"),
        (GPU | {"smi": OLD}, "mend", "update it to 525.60.13 or later, or install"),
        (
            GPU | {"smi": WSL, "wsl": True, "built_for": "13.0"},
            "mend note",
            "update it to 580 or later, on Windows, or install a PyTorch built for "
            "CUDA 12",
        ),
        (
            {"torch": "2.8.0+cu128", "built_for": "12.8", "smi": WINDOWS},
            "ok",
            "one major version",
        ),
    ],
)
def test_a_machine_is_told_what_to_mend(facts: dict, kinds: str, words: str) -> None:
    found = diagnose(Installation(**facts))
    assert " ".join(one.kind for one in found) == kinds
    assert words in " ".join(one.says for one in found)
