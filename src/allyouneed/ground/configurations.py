"""What tells one configuration from another: its fields, but no newcomers unset."""

import dataclasses
from typing import Any

LATER = {
    "later": True
}  # metadata of a field: records and checkpoints are older than it


def stated(config: Any) -> dict[str, Any]:
    """The fields of a dataclass; one marked `LATER` only where it is not its default.

    So a configuration keeps the name that it had before the field came in.

    >>> @dataclasses.dataclass
    ... class Size:
    ...     wide: int = 1
    ...     deep: int = dataclasses.field(default=1, metadata=LATER)
    >>> stated(Size()), stated(Size(deep=2))
    ({'wide': 1}, {'wide': 1, 'deep': 2})
    """
    return {
        field.name: value
        for field in dataclasses.fields(config)
        for value in [getattr(config, field.name)]
        if not (field.metadata.get("later") and value == field.default)
    }
