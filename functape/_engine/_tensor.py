"""The part of a tensor that the recorder knows: an aval, and a value or a place in a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from functape._engine._avals import Aval, Kind
from functape._engine._bundle import Bundled
from functape._engine._compat import enable_x64, is_tracer
from functape._engine._errors import InternalError, InvalidArgumentError

if TYPE_CHECKING:
    from functape._engine._recorder import Recorder


class HostOperand(InvalidArgumentError, AttributeError):
    """A string was given to an op. As an `AttributeError` it takes the way of arguments that are no tensors."""


class BaseTensor:
    """An immutable array whose value may still be pending in a recording.

    `value` is set once the value is known: a `jax.Array`, a NumPy array not yet sent to the device, the Python number
    of a scalar, or a tuple of arrays. A pending tensor instead has `home`, the recording's list of outputs, and `slot`,
    its place there.
    """

    __slots__ = ("aval", "home", "slot", "value", "variable", "origin", "__weakref__")

    aval: Aval
    home: Any
    """The recording in which it was made; None or `ENTERED` if in none."""
    slot: int
    value: Any
    variable: Any
    """A weak reference to the variable whose current value this is or was; unset on other tensors."""
    origin: Any
    """For a slice of a variable, the variable and the index, so that it can be assigned; unset on other tensors."""

    def enter(self, recorder: Recorder) -> Any:
        """The reference under which the recorder's present recording knows this tensor; enters it if need be."""
        ref = recorder.slots.get(id(self))
        return self.enter_anew(recorder) if ref is None else ref

    def enter_anew(self, recorder: Recorder) -> Any:
        """As `enter`, for a tensor that is not among the recorder's `slots`."""
        try:
            value = self.value
        except AttributeError:
            if self.home is recorder.outputs:
                return self.slot
            if recorder.tracing:
                return recorder.capture(self)
            value = self.home.recorder.value_for_other_thread(self)
        inputs = recorder.inputs
        recorder.slots[id(self)] = ~len(inputs)
        aval = self.aval
        if aval.kind is _SCALAR:
            recorder.kept.append(self)
            inputs.append(value)
        else:
            inputs.append(self)
            if value.__class__ in _ON_HOST:
                self._settle(value)
        return aval

    def _settle(self, value: Any) -> None:
        """Send a host array to the device when it enters a second program; the first takes it as it is."""
        if value.__class__ is Bundled:
            self.value = value = value.open(self.slot)
        if self.aval.kind is Kind.HOST:
            raise HostOperand(
                message="Value for attr 'T' of string is not in the list of allowed values: the op computes with "
                "numbers. Use tf.strings, or the tensor's value: x.numpy()."
            )
        if value.itemsize > 4 or self.home is ENTERED:
            self.value = on_device(value)
        elif self.home is None:
            self.home = ENTERED

    def resolve(self, reason: str = "value needed") -> Any:
        """The value, running what is pending if need be."""
        try:
            value = self.value
        except AttributeError:
            self.home.recorder.resolve(self, reason)
            value = getattr(self, "value", LOST)
            if value is LOST:
                raise InternalError(
                    message="The value of this tensor was lost: the program it belonged to failed. Compute it again."
                ) from None
        if value.__class__ is Bundled:
            self.value = value = value.open(self.slot)
        return value


def on_device(array: np.ndarray[Any, Any]) -> Any:
    """A host array as one of the device, in a buffer that a program may reuse."""
    with enable_x64(True):
        placed = jax.device_put(array, may_alias=False)
    # Inside a JAX transformation what comes back is a tracer, which must not stay.
    return array if is_tracer(placed) else placed


_SCALAR = Kind.SCALAR
_ON_HOST = frozenset((np.ndarray, Bundled))
LOST: Any = object()
ENTERED: Any = ()
"""The home of a tensor of host memory that has entered a program once."""
