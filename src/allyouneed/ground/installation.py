"""What is installed for an NVIDIA GPU: four versions, which must fit, and what to mend.

    driver    in the system; runs programs of some CUDA and of every older one
    CUDA      in PyTorch's own package, which was built for one version of it
    toolkit   the compiler `nvcc`; only who compiles CUDA code needs it
    PyTorch   with or without CUDA; the tag of its version says which

Knows no torch: what it judges is told to it, so it can judge other machines as well.
"""

import re
from dataclasses import dataclass
from typing import Literal

Version = tuple[int, ...]

# The least driver for any build of a major version of CUDA ("minor version
# compatibility" in NVIDIA's release notes of the toolkit): Linux, Windows.
LEAST_DRIVER: dict[int, tuple[str, str]] = {
    11: ("450.80.02", "452.39"),
    12: ("525.60.13", "528.33"),
    13: ("580", "580"),
}
HEADER = re.compile(
    r"NVIDIA-SMI\s+(?P<tool>[\d.]+)\s+(?:Driver|KMD) Version:\s*(?P<driver>[\d.]+)"
    r"(?:\s+CUDA (?:UMD )?Version:\s*(?P<newest>[\w.!/]+))?"
)  # KMD and UMD since driver 610; drivers before 410 name no CUDA
GPU = re.compile(
    r"^\|\s+\d+\s+(\S.*?)\s+(?:On|Off|N/A|WDDM|TCC|MCDM)\s*\|\s*[0-9A-Fa-f]+:", re.M
)


@dataclass(frozen=True)
class Smi:
    """What the table of nvidia-smi says.

    Attributes:
        tool: version of nvidia-smi itself; in WSL another one than the driver's.
        driver: version of the driver.
        newest: the newest CUDA that this driver runs; None where it does not say.
        gpus: their names, as far as the column shows them.
    """

    tool: str
    driver: str
    newest: str | None
    gpus: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Installation:
    """What is known of a machine; None is what it lacks.

    Attributes:
        smi: what nvidia-smi printed, whole.
        torch: PyTorch's version, with its tag: 2.8.0+cu126.
        built_for: the CUDA that it was built for: 12.6.
        usable: whether PyTorch finds a GPU that it can use.
        toolkit: the version that nvcc says.
        windows: whether this is Windows itself; WSL is Linux.
        wsl: whether this is Linux in Windows.
    """

    torch: str
    smi: str | None = None
    built_for: str | None = None
    usable: bool | None = None
    toolkit: str | None = None
    windows: bool = False
    wsl: bool = False


@dataclass(frozen=True)
class Finding:
    """A sentence on a machine: all right, good to know, or to be mended and how."""

    kind: Literal["ok", "note", "mend"]
    says: str


def read_smi(text: str) -> Smi:
    """Read the table that nvidia-smi prints, of old drivers and of new ones.

    Raises:
        ValueError: there is no such table.

    >>> read_smi("| NVIDIA-SMI 570.26   Driver Version: 570.26   CUDA Version: 12.8 |")
    Smi(tool='570.26', driver='570.26', newest='12.8', gpus=())
    """
    found = HEADER.search(text)
    if found is None:
        said = " ".join(text.split())[:60]
        raise ValueError(
            f"no table of nvidia-smi in {said!r}: give all that the command prints"
        )
    cuda = found["newest"] or ""
    return Smi(
        tool=found["tool"],
        driver=found["driver"],
        newest=cuda if re.fullmatch(r"\d+\.\d+", cuda) else None,
        gpus=tuple(GPU.findall(text)),
    )


def read_nvcc(text: str) -> str:
    """The version in what `nvcc --version` prints.

    Raises:
        ValueError: there is none.

    >>> read_nvcc("Cuda compilation tools, release 12.6, V12.6.77")
    '12.6'
    """
    found = re.search(r"release (\d+\.\d+)", text)
    if found is None:
        said = " ".join(text.split())[:60]
        raise ValueError(f"no release in {said!r}: give what `nvcc --version` prints")
    return found[1]


def build_of(torch: str) -> str | None:
    """The CUDA that the tag of PyTorch's version names; None for a CPU build.

    Raises:
        ValueError: the version has no tag that says it.

    >>> build_of("2.8.0+cu126"), build_of("2.8.0+cpu")
    ('12.6', None)
    """
    found = re.fullmatch(r"[^+]+\+(?:cpu|cu(\d+)(\d))", torch)
    if found is None:
        raise ValueError(
            f"{torch=} does not say what it was built for: give it with its tag, as "
            "`torch.__version__` has it (2.8.0+cu126), or see `torch.version.cuda`"
        )
    return f"{found[1]}.{found[2]}" if found[1] else None


def runs(smi: Smi, built_for: str, *, windows: bool = False) -> bool:
    """Tell whether a driver runs what was built for a version of CUDA.

    It runs builds of its own major version, older and newer, and all older ones.

    Raises:
        ValueError: the driver names no CUDA, and that of the build is not known here.

    >>> runs(Smi("566.24", "566.24", "12.7", ()), "12.8")
    True
    """
    major = _numbers(built_for)[0]
    if smi.newest:
        return major <= _numbers(smi.newest)[0]
    if major not in LEAST_DRIVER:
        raise ValueError(
            f"{built_for=}: known are {', '.join(map(str, LEAST_DRIVER))}; see the "
            "release notes of that toolkit"
        )
    return _numbers(smi.driver) >= _numbers(LEAST_DRIVER[major][windows])


def _numbers(version: str) -> Version:
    return tuple(int(part) for part in version.split("."))
