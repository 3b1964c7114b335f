"""What an attention layer may know of relative places; here it knows nothing."""

from torch import Tensor


class Relation:
    """What self-attention knows of places: nothing (see `relative_positions`)."""

    fused = True  # False: `mix` needs the weights, so no kernel does it all

    def turn(self, x: Tensor, *, offset: int) -> Tensor:  # noqa: ARG002
        """Queries or keys (B, H, T, d_k) as they stand at offset, offset + 1, ..."""
        return x

    def bias(self, q: Tensor, k: Tensor) -> Tensor | None:  # noqa: ARG002
        """What is added to the scores, the last query at the last key: (B, H, Q, K)."""
        return None

    def mix(self, weights: Tensor, v: Tensor) -> Tensor:
        """What each query takes home: (B, H, Q, d_v)."""
        return weights @ v
