"""How large a step to take, and when (section 5.3)."""

import math


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


def cosine(step: int, *, peak: float, warmup: int, steps: int) -> float:
    """Rises for `warmup` steps, then falls along half a cosine to a tenth of the peak.

    The tenth is reached at `steps` (Hoffmann et al., 2022, appendix B).

    Raises:
        ValueError: `step` or `warmup` is below 1, or `steps` is not beyond `warmup`.

    >>> round(cosine(100, peak=1e-3, warmup=10, steps=100), 9)
    0.0001
    """
    done = _share_done(step, warmup=warmup, steps=steps)
    fall = 0.55 + 0.45 * math.cos(math.pi * done)
    return peak * min(step / warmup, fall)


def stable_decay(
    step: int, *, peak: float, warmup: int, steps: int, share: float = 0.2
) -> float:
    """Rises, stays, and falls in a line to nothing in the last `share` of all steps.

    Warm-up, stable, decay (Hu et al., 2024; a fifth, as in Hägele et al., 2024).

    Raises:
        ValueError: `step` or `warmup` is below 1, or `steps` is not beyond `warmup`.

    >>> [stable_decay(s, peak=1.0, warmup=10, steps=100) for s in (5, 50, 90, 100)]
    [0.5, 1.0, 0.5, 0.0]
    """
    _share_done(step, warmup=warmup, steps=steps)
    left = max(steps - step, 0) / (share * steps)
    return peak * min(step / warmup, 1.0, left)


def _share_done(step: int, *, warmup: int, steps: int) -> float:
    """How much of what follows the rise is done, from 0 to 1."""
    _count_from_one(step=step, warmup=warmup)
    if steps <= warmup:
        raise ValueError(f"{steps=}, {warmup=}: give more steps than the rise takes")
    return min(max(step - warmup, 0) / (steps - warmup), 1.0)


def _count_from_one(**counts: int) -> None:
    for name, count in counts.items():
        if count < 1:
            raise ValueError(f"{name}={count}: steps are counted from 1")
