"""What to say to a machine: do its driver, PyTorch and toolkit fit, and what to mend.

Each rule looks at one thing and says at most one sentence about it.
"""

from collections.abc import Callable, Iterator

from allyouneed.ground.installation import (
    LEAST_DRIVER,
    Finding,
    Installation,
    Smi,
    read_smi,
    runs,
)

Rule = Callable[[Installation, Smi | None], Finding | None]


def diagnose(machine: Installation) -> list[Finding]:
    """All that there is to say of a machine, the most important first.

    >>> [found.kind for found in diagnose(Installation(torch="2.8.0+cpu"))]
    ['ok']
    """
    smi = _table(machine)
    return list(_said(machine, smi))


def _said(machine: Installation, smi: Smi | None) -> Iterator[Finding]:
    for rule in (_driver, _build, _fit, _toolkit, _names):
        finding = rule(machine, smi)
        if finding:
            yield finding


def _table(machine: Installation) -> Smi | None:
    try:
        return read_smi(machine.smi or "")
    except ValueError:
        return None


def _driver(machine: Installation, smi: Smi | None) -> Finding | None:
    """Whether there is a driver at all."""
    if smi:
        return None
    where = (
        "on Windows, never inside WSL" if machine.wsl else "for your GPU, and restart"
    )
    if machine.smi:
        return Finding(
            "mend",
            "nvidia-smi is there but reaches no driver: install the driver " + where,
        )
    if machine.built_for:
        return Finding(
            "mend",
            f"PyTorch is built for CUDA {machine.built_for}, but no NVIDIA driver "
            "answers. With an NVIDIA GPU: install its driver "
            f"{where}; in a container, start it with --gpus all. Without one, the "
            "CPU build is smaller",
        )
    return Finding("ok", "no NVIDIA driver, and a PyTorch that asks for none")


def _build(machine: Installation, smi: Smi | None) -> Finding | None:
    """Whether this PyTorch can use an NVIDIA GPU at all."""
    if smi is None or machine.built_for:
        return None
    major = smi.newest.split(".")[0] if smi.newest else ""
    known = f"for CUDA {major} or older, which" if major else "for a CUDA that"
    return Finding(
        "mend",
        f"a GPU nobody uses: PyTorch {machine.torch} is built without CUDA. Install a "
        f"build {known} driver {smi.driver} runs; pytorch.org, Get Started, gives "
        "the command",
    )


def _fit(machine: Installation, smi: Smi | None) -> Finding | None:
    """Whether the driver runs what PyTorch was built for."""
    built = machine.built_for
    if smi is None or built is None:
        return None
    try:
        fits = runs(smi, built, windows=machine.windows or machine.wsl)
    except ValueError as unknown:
        return Finding("note", str(unknown))
    if not fits:
        return _too_old(machine, smi, built)
    if machine.usable is False:
        return Finding(
            "mend",
            "driver and build fit, but PyTorch finds no GPU: look at "
            "CUDA_VISIBLE_DEVICES, and whether the container was given one",
        )
    if smi.newest and _later_of_one_major(built, smi.newest):
        return Finding(
            "ok",
            f"built for CUDA {built}, driver of {smi.newest}: one major version, so it "
            "runs; only what is new in the later one is missing",
        )
    newest = f"CUDA up to {smi.newest}" if smi.newest else f"driver {smi.driver}"
    return Finding("ok", f"built for CUDA {built}, and the driver runs it ({newest})")


def _too_old(machine: Installation, smi: Smi, built: str) -> Finding:
    least = LEAST_DRIVER.get(int(built.split(".")[0]))
    asked = f" to {least[machine.windows or machine.wsl]} or later" if least else ""
    where = ", on Windows" if machine.wsl else ""
    older = f"CUDA {smi.newest.split('.')[0]}" if smi.newest else "an older CUDA"
    return Finding(
        "mend",
        f"the driver {smi.driver} is too old for CUDA {built}: update it{asked}"
        f"{where}, or install a PyTorch built for {older}",
    )


def _toolkit(machine: Installation, smi: Smi | None) -> Finding | None:
    """Whether the compiler fits; most readers need none."""
    toolkit, built = machine.toolkit, machine.built_for
    if toolkit is None:
        return None
    if smi and smi.newest and _major(toolkit) > _major(smi.newest):
        return Finding(
            "mend",
            f"the toolkit {toolkit} is newer than the driver's CUDA {smi.newest}: what "
            "nvcc compiles will not run here. PyTorch's own package is not concerned",
        )
    if built and _major(toolkit) != _major(built):
        return Finding(
            "note",
            f"toolkit {toolkit}, PyTorch built for {built}: extensions of PyTorch will "
            "not compile; everything else works",
        )
    return Finding("ok", f"toolkit {toolkit}: needed only to compile CUDA code")


def _names(machine: Installation, smi: Smi | None) -> Finding | None:
    """Why two versions stand in one line."""
    if smi is None or smi.tool == smi.driver or not machine.wsl:
        return None
    return Finding(
        "note",
        f"nvidia-smi {smi.tool}, driver {smi.driver}: in WSL the command is Linux's "
        "and the driver is Windows's. Install no driver in WSL",
    )


def _major(version: str) -> int:
    return int(version.split(".")[0])


def _later_of_one_major(built: str, newest: str) -> bool:
    (major, minor), (known, runs_up_to) = (
        map(int, version.split(".")[:2]) for version in (built, newest)
    )
    return major == known and minor > runs_up_to
