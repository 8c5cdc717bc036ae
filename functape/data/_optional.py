"""`tf.experimental.Optional`: a value that may be missing."""

from __future__ import annotations

from typing import Any

from functape._core._convert import convert
from functape._engine._errors import InvalidArgumentError
from functape.data._structure import Packer, element_of


class Optional:
    """A value that may be missing (`tf.experimental.Optional`).

    **Arguments:**
    - `value`: the value.
    - `spec`: its spec.
    - `present`: whether there is one.
    """

    def __init__(self, value: Any, spec: Any, present: bool = True) -> None:
        self._value = value
        self._spec = spec
        self._present = present

    @property
    def element_spec(self) -> Any:
        """The spec of the value."""
        return self._spec

    def has_value(self, name: str | None = None) -> Any:
        """Whether there is a value, a scalar bool tensor."""
        return convert(self._present)

    def get_value(self, name: str | None = None) -> Any:
        """The value.

        **Raises:** `InvalidArgumentError` if there is none.
        """
        if not self._present:
            raise InvalidArgumentError(message="The given optional does not have a value.")
        return self._value

    @staticmethod
    def from_value(value: Any) -> Optional:
        """An optional that holds a value."""
        spec, leaves = element_of(value)
        return Optional(Packer(spec).tensors(leaves), spec)

    @staticmethod
    def empty(element_spec: Any) -> Optional:
        """An optional without a value."""
        return Optional(None, element_spec, False)
