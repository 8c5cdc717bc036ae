"""The arguments of constructors."""

from __future__ import annotations

from typing import Any


def given_arguments(values: dict[str, Any]) -> dict[str, Any]:
    """Of the local variables of a constructor, its own arguments."""
    return {name: each for name, each in values.items() if name not in ("self", "kwargs", "__class__")}
