"""How large a step to take, and when (section 5.3)."""


def noam(step: int, *, d_model: int, warmup: int = 4000) -> float:
    """The paper's learning rate at `step`, counted from 1 (equation 3).

    Rises in a line for `warmup` steps, then falls with the root of the step.

    Raises:
        ValueError: `step` or `warmup` is below 1.

    >>> round(noam(4000, d_model=512), 7)
    0.0006988
    """
    _count_from_one(step=step, warmup=warmup)
    return d_model**-0.5 * min(step**-0.5, step * warmup**-1.5)


def inverse_sqrt(step: int, *, peak: float, warmup: int = 4000) -> float:
    """The same shape with its highest point, at step `warmup`, named outright.

    Raises:
        ValueError: `step` or `warmup` is below 1.

    >>> inverse_sqrt(4000, peak=1e-3)
    0.001
    """
    _count_from_one(step=step, warmup=warmup)
    return peak * min((warmup / step) ** 0.5, step / warmup)


def _count_from_one(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name}={count}: steps are counted from 1")
