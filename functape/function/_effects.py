"""What compiled code does besides computing: it prints, checks, and calls Python."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.experimental import io_callback

from functape._core._holding import from_numpy
from functape._engine._avals import Aval
from functape._engine._compat import enable_x64
from functape._engine._effects import install_settle, is_silent
from functape._engine._errors import InvalidArgumentError
from functape._engine._op import Op
from functape._engine._recorder import Recorder, local, record_multiple


class Effect:
    """Something that compiled code does with values on the host.

    **Arguments:**
    - `act`: takes NumPy arrays.
    """

    __slots__ = ("act",)

    def __init__(self, act: Callable[..., None]) -> None:
        self.act = act

    def __call__(self, *values: Any) -> None:
        with _callback_recorder():
            try:
                self.act(*(np.asarray(value) for value in values))
            except BaseException as error:
                failures.add(error)


class Failures:
    """Exceptions raised on the host by programs that are running; the first is raised where the program was called."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._errors: list[BaseException] = []

    def add(self, error: BaseException) -> None:
        """Remember an exception."""
        with self._lock:
            self._errors.append(error)

    def take(self) -> BaseException | None:
        """The first exception, if any; all are forgotten."""
        with self._lock:
            errors, self._errors = self._errors, []
        return errors[0] if errors else None


failures = Failures()


class _CallbackRecorder(Recorder):
    """The recorder of a thread that runs Python for a program: the thread that runs the program waits for it, and may
    hold the lock that running takes."""

    __slots__ = ()

    def flush(self, reason: str) -> None:
        from functape._engine import _recorder

        lock = _recorder._running
        _recorder._running = threading.RLock()
        try:
            super().flush(reason)
        finally:
            _recorder._running = lock


class _callback_recorder:
    """A recording of its own, for Python code that a program calls."""

    def __enter__(self) -> None:
        self._before = local.recorder
        local.recorder = _CallbackRecorder()

    def __exit__(self, *_: Any) -> None:
        local.recorder = self._before


def raise_failures(results: Sequence[Any]) -> None:
    """Wait for the program that computes `results`, and raise what failed in it."""
    for tensor in results:
        value = getattr(tensor, "value", None)
        if isinstance(value, jax.Array):
            value.block_until_ready()
    jax.effects_barrier()
    error = failures.take()
    if error is not None:
        raise error


install_settle(raise_failures)


def _perform(*values: Any, effect: Effect) -> tuple[Any, ...]:
    if not is_silent():
        structs = [jax.ShapeDtypeStruct(value.shape, value.dtype) for value in values]

        def act(*arrays: Any) -> None:
            effect(*map(_whole, arrays, structs))

        jax.debug.callback(act, *map(_in_halves, values), ordered=True)
    return ()


def _in_halves(value: Any) -> Any:
    """A value of 64-bit numbers as pairs of 32-bit ones: JAX hands others to Python, and takes them, as 32-bit."""
    if value.dtype == jnp.complex128:
        value = jnp.stack([value.real, value.imag], -1)
    return lax.bitcast_convert_type(value, jnp.uint32) if _is_wide(value.dtype) else value


def _is_wide(dtype: Any) -> bool:
    return np.dtype(dtype) in (np.int64, np.uint64, np.float64, np.complex128)


def _whole(array: Any, struct: Any) -> Any:
    """On the host, the value that `_in_halves` took apart."""
    array = np.asarray(array)
    return array.reshape(-1).copy().view(struct.dtype).reshape(struct.shape) if _is_wide(struct.dtype) else array


def _halves_of(array: Any, dtype: Any) -> Any:
    """On the host, what `_joined` puts together."""
    array = np.asarray(array, dtype)
    return array.reshape(*array.shape, 1).copy().view(np.uint32) if _is_wide(dtype) else array


def _halved_struct(struct: Any) -> Any:
    if not _is_wide(struct.dtype):
        return struct
    return jax.ShapeDtypeStruct((*struct.shape, np.dtype(struct.dtype).itemsize // 4), jnp.uint32)


def _joined(value: Any, struct: Any) -> Any:
    if struct.dtype == jnp.complex128:
        parts = lax.bitcast_convert_type(value.reshape(*struct.shape, 2, 2), jnp.float64)
        return lax.complex(parts[..., 0], parts[..., 1])
    return lax.bitcast_convert_type(value, struct.dtype) if _is_wide(struct.dtype) else value


EFFECT = Op("HostEffect", _perform, ("effect",), multiple=True, differentiable=False, effects=lambda effect: True)
"""`(*values)`: a Python function is called with them."""


def record_effect(act: Callable[..., None], values: Sequence[Any]) -> None:
    """Record that `act` is called with the values of some tensors when the program runs."""
    record_multiple(EFFECT, (Effect(act),), tuple(values))


def record_check(holds: Any, act: Callable[..., None], values: Sequence[Any]) -> None:
    """Record that `act`, which raises, is called with `values` if `holds` is false when the program runs."""

    def check(condition: Any, *arrays: Any) -> None:
        if not bool(np.all(condition)):
            act(*arrays)

    record_effect(check, (holds, *values))


class HostCall:
    """A Python function called with tensors' values that returns values.

    **Arguments:**
    - `call`: takes and returns NumPy arrays, a tuple of them.
    - `avals`: of what it returns.
    - `pull`: from the arguments and the cotangents of the results to those of the arguments; None if it has no
      gradient.
    - `stateful`: whether it must be called each time, in order.
    - `count`: of its arguments.
    """

    def __init__(
        self,
        call: Callable[..., tuple[Any, ...]],
        avals: tuple[Aval, ...],
        pull: Callable[..., tuple[Any, ...]] | None,
        stateful: bool,
        count: int,
    ) -> None:
        self.call = call
        self.output_avals = avals
        self.pull = pull
        self.effects = stateful
        self.varying = (frozenset(() if pull is None else range(count)),) * len(avals)

    def function(self, *values: Any) -> tuple[Any, ...]:
        """The call inside a program."""
        if self.pull is None:
            return self._called(self.call, [each.struct for each in self.output_avals], values)
        floating = [jnp.issubdtype(value.dtype, jnp.inexact) for value in values]

        @jax.custom_vjp
        def run(*arguments: Any) -> tuple[Any, ...]:
            return self._called(self.call, [each.struct for each in self.output_avals], arguments)

        def forward(*arguments: Any) -> tuple[Any, Any]:
            return run(*arguments), arguments

        def backward(arguments: Any, cotangents: Any) -> tuple[Any, ...]:
            structs = [
                jax.ShapeDtypeStruct(each.shape, each.dtype)
                for each, use in zip(arguments, floating, strict=True)
                if use
            ]
            inexact = [
                each if jnp.issubdtype(each.dtype, jnp.inexact) else jnp.zeros(each.shape, jnp.float32)
                for each in cotangents
            ]
            found = iter(self._called(self.pull, structs, (*arguments, *inexact)))  # type: ignore[arg-type]
            return tuple(
                next(found) if use else np.zeros(each.shape, jax.dtypes.float0)
                for each, use in zip(arguments, floating, strict=True)
            )

        run.defvjp(forward, backward)
        return run(*values)

    def _called(self, call: Callable[..., Any], structs: list[Any], values: Sequence[Any]) -> tuple[Any, ...]:
        given = [jax.ShapeDtypeStruct(value.shape, value.dtype) for value in values]
        halved = [_halved_struct(struct) for struct in structs]

        def on_host(*arrays: Any) -> tuple[Any, ...]:
            with _callback_recorder():
                try:
                    made = call(*map(_whole, arrays, given))
                    return tuple(_halves_of(each, struct.dtype) for each, struct in zip(made, structs, strict=True))
                except BaseException as error:
                    failures.add(error)
                    return tuple(np.zeros(struct.shape, struct.dtype) for struct in halved)

        made = io_callback(on_host, halved, *map(_in_halves, values), ordered=True)
        return tuple(map(_joined, made, structs))


class _HostOp(Op):
    __slots__ = ()

    def infer(self, statics: tuple[Any, ...], avals: tuple[Aval, ...]) -> tuple[Aval, ...]:
        """Declared by whoever records the call."""
        return statics[0].output_avals


HOST_CALL = _HostOp(
    "EagerPyFunc",
    lambda *values, work: work.function(*values),
    ("work",),
    multiple=True,
    varying=lambda work: work.varying,
    effects=lambda work: work.effects,
)
"""`(*values)`: a Python function is called with them and returns values."""


def check_failed(message: str) -> InvalidArgumentError:
    """The error of an assertion that does not hold."""
    return InvalidArgumentError(message=message)


def tensors_of(arrays: Sequence[Any]) -> list[Any]:
    """Concrete tensors of NumPy arrays."""
    with enable_x64(True):
        return [from_numpy(np.array(array)) for array in arrays]
