"""What a layer costs as its sequence grows: the paper's table 1, and exact counts.

    n  positions of the sequence    k  positions under a kernel
    d  width of the model           r  positions in the window of restricted attention

The table counts orders: how a cost grows. `operations` has its terms with the factor 1,
`flops` every multiplication and addition that the library's layers do.
"""

from typing import Literal, get_args

Kind = Literal[
    "attention", "recurrent", "convolution", "dilated", "separable", "restricted"
]
Cell = Literal["rnn", "gru", "lstm"]
KINDS: tuple[Kind, ...] = get_args(Kind)
GATES: dict[Cell, int] = {"rnn": 1, "gru": 3, "lstm": 4}


def operations(kind: Kind, *, n: int, d: int, k: int = 3, r: int = 16) -> int:
    """Operations of a layer as table 1 has them, without constant factors.

    Raises:
        ValueError: there is no such kind of layer, or a size is below 1.

    >>> operations("attention", n=70, d=512), operations("recurrent", n=70, d=512)
    (2508800, 18350080)
    """
    _check(kind, n=n, d=d, k=k, r=r)
    found = {
        "attention": n * n * d,
        "recurrent": n * d * d,
        "convolution": k * n * d * d,
        "dilated": k * n * d * d,
        "separable": k * n * d + n * d * d,
        "restricted": r * n * d,
    }
    return found[kind]


def sequential(kind: Kind, *, n: int) -> int:
    """Steps of a layer that must wait for each other, as table 1 has them.

    Raises:
        ValueError: there is no such kind of layer, or `n` is below 1.

    >>> [sequential(kind, n=70) for kind in KINDS]
    [1, 70, 1, 1, 1, 1]
    """
    _check(kind, n=n)
    return n if kind == "recurrent" else 1


def path(kind: Kind, *, n: int, k: int = 3, r: int = 16, causal: bool = False) -> int:
    """Steps from one end of the sequence to the other, the last to the first.

    A step is a layer; in a recurrent layer, which needs only one, it is a hand-over of
    the state. The table has these numbers as orders: 1, n, n / k, log_k(n), n / r.

    Args:
        kind: of the layers, all alike but for "dilated": layer i, from 0, has dilation
            k ** i and sees back only, since kernels that look both ways leave holes
            near the ends.
        n: positions.
        k: positions under a kernel.
        r: positions in a window.
        causal: whether a layer sees back only, k - 1 or r - 1 far; else half of that to
            either side.

    Raises:
        ValueError: there is no such kind of layer, a size is below 1, or k or r is too
            small to see any neighbour on one side.

    >>> [path(kind, n=82, causal=True) for kind in KINDS]
    [1, 81, 41, 5, 41, 6]
    """
    _check(kind, n=n, k=k, r=r)
    if n == 1 or kind == "attention":
        return min(n - 1, 1)
    if kind == "recurrent":
        return n - 1
    width = r if kind == "restricted" else k
    reach = width - 1 if causal or kind == "dilated" else (width - 1) // 2
    if not reach:
        raise ValueError(f"{k=}, {r=}: sees no neighbour on one side; give more")
    layers = seen = 0
    while seen < n - 1:
        seen += reach * k**layers if kind == "dilated" else reach
        layers += 1
    return layers


def flops(
    kind: Kind,
    *,
    n: int,
    d: int,
    k: int = 3,
    r: int = 16,
    cell: Cell = "rnn",
    projections: bool = False,
) -> int:
    """Operations of one layer of the library on one sequence, forwards.

    A multiplication and its addition are two, as `measure.flops` counts; the number of
    heads does not matter. Backwards come twice as many again, in a training step.

    Args:
        kind: of the layer. Restricted attention goes in blocks of r queries, each with
            the 2 r - 1 keys around it: twice what the table counts.
        n: positions.
        d: width of the model.
        k: positions under a kernel.
        r: positions in a window; the count is exact if r is at most n.
        cell: which recurrent layer.
        projections: whether to count what reads the input before positions meet: the
            four matrices of attention, and the input's in a recurrent layer.

    Raises:
        ValueError: there is no such kind of layer, or a size is below 1.

    >>> flops("attention", n=50, d=512)
    5120000
    """
    _check(kind, n=n, d=d, k=k, r=r)
    block = min(r, n)
    blocks, keys = -(-n // block), min(r - 1, 2 * (n - 1)) + block
    core = {
        "attention": 4 * n * n * d,
        "recurrent": 2 * GATES[cell] * n * d * d,
        "convolution": 2 * k * n * d * d,
        "dilated": 2 * k * n * d * d,
        "separable": 2 * k * n * d + 2 * n * d * d,
        "restricted": 4 * blocks * block * keys * d,
    }
    read = {
        "attention": 8 * n * d * d,
        "recurrent": 2 * GATES[cell] * n * d * d,
        "restricted": 8 * n * d * d,
    }
    return core[kind] + (read.get(kind, 0) if projections else 0)


def _check(kind: str, **sizes: int) -> None:
    if kind not in KINDS:
        raise ValueError(f"{kind=}: choose from {', '.join(KINDS)}")
    for name, size in sizes.items():
        if size < 1:
            raise ValueError(f"{name}={size}: give at least 1")
