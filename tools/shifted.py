"""Shift every seed of this process: PyTorch's, its generators', NumPy's, Python's.

A chapter that is run after `shift(3)` draws other numbers throughout, by the same code.
What takes no seed (the system's own chance) is left alone.
"""

import random
from typing import Any

import numpy as np
import torch

STRIDE = 1_000_003  # a shifted seed is none of those that chapters use
SPAN = 2**63


def shift(by: int) -> None:
    """Let `by` shifts be added to every seed from now on; 0 changes nothing."""
    if not by:
        return

    def moved(seed: Any, span: int = SPAN) -> Any:
        if isinstance(seed, str | bytes | bytearray):
            text = seed if isinstance(seed, str) else bytes(seed).decode("latin1")
            return f"{text} {by}"
        return seed if seed is None else (int(seed) + by * STRIDE) % span

    _shift_python(moved)
    _shift_numpy(moved)
    _shift_torch(moved)


def _shift_python(moved: Any) -> None:
    class Random(random.Random):
        def seed(self, a: Any = None, version: int = 2) -> None:
            super().seed(moved(a), version)

    seed = random.seed
    _put(random, Random=Random, seed=lambda a=None, version=2: seed(moved(a), version))


def _shift_numpy(moved: Any) -> None:
    default, seed = np.random.default_rng, np.random.seed

    def begun(s: Any = None) -> Any:
        return default(moved(s, 2**32) if isinstance(s, int | np.integer) else s)

    class RandomState(np.random.RandomState):
        def __init__(self, s: Any = None) -> None:
            super().__init__(moved(s, 2**32) if isinstance(s, int | np.integer) else s)

    _put(
        np.random,
        default_rng=begun,
        RandomState=RandomState,
        seed=lambda s=None: seed(moved(s, 2**32)),
    )


def _shift_torch(moved: Any) -> None:
    class Generator(torch.Generator):
        def manual_seed(self, seed: int) -> "Generator":
            super().manual_seed(moved(seed))
            return self

    class Default:
        """The default generator, whose seeds are moved."""

        def __init__(self, own: torch.Generator) -> None:
            self.own = own

        def manual_seed(self, seed: int) -> torch.Generator:
            return self.own.manual_seed(moved(seed))

        def __getattr__(self, name: str) -> Any:
            return getattr(self.own, name)

    seeded = torch.manual_seed
    _put(
        torch,
        manual_seed=lambda seed: seeded(moved(seed)),
        Generator=Generator,
        default_generator=Default(torch.default_generator),
    )


def _put(where: Any, **names: Any) -> None:
    for name, what in names.items():
        setattr(where, name, what)
