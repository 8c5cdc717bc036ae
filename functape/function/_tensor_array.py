"""`tf.TensorArray`: a list of tensors that traced loops can write to and read from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from functape._core._convert import convert
from functape._core._holding import is_tensor_like
from functape._core._known import read as read_value
from functape._core._shape import TensorShape
from functape._engine._dtypes import as_dtype, int32
from functape._engine._errors import InvalidArgumentError, OutOfRangeError
from functape._engine._op import Op
from functape._engine._recorder import record
from functape._engine._stand_ins import is_unknown
from functape._engine._trace import ValueNeeded, is_tracing
from functape.function._structure import composites

WRITE = Op("TensorArrayWriteV3", lambda rows, index, value: rows.at[index].set(value, mode="drop"), unconnected=(1,))
"""`(rows, index, value)`: the rows with one replaced."""
READ = Op(
    "TensorArrayReadV3",
    lambda rows, index: jnp.take(rows, index, axis=0, mode="clip"),
    unconnected=(1,),
)
"""`(rows, index)`: one row."""


class TensorArray:
    """A list of tensors of one dtype (`tf.TensorArray`).

    Where code runs at once, writing changes it; in a function being traced, `write` and the like return another one,
    which must be used from then on: `ta = ta.write(i, x)`.

    **Arguments:**
    - `dtype`: of the elements.
    - `size`: how many there are at first.
    - `dynamic_size`: whether it grows when it is written past its end.
    - `clear_after_read`: whether an element can be read only once; True by default.
    - `tensor_array_name`, `handle`, `colocate_with_first_write_call`, `name`: accepted for compatibility.
    - `flow`: accepted for compatibility.
    - `infer_shape`: whether all elements must have the shape of the first.
    - `element_shape`: the shape of the elements, if it is known.

    ```python
    >>> import functape as tf
    >>> squares = tf.TensorArray(tf.int32, size=3)
    >>> for i in range(3):
    ...     squares = squares.write(i, i * i)
    >>> squares.stack().numpy()
    array([0, 1, 4], dtype=int32)

    ```
    """

    def __init__(
        self,
        dtype: Any,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: Any = None,
        flow: Any = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        if handle is not None and tensor_array_name:
            raise ValueError("Cannot provide both `handle` and `tensor_array_name` arguments at the same time.")
        self._dtype = as_dtype(dtype)
        self._dynamic = bool(dynamic_size)
        self._clears = True if clear_after_read is None else bool(clear_after_read)
        self._infer = infer_shape
        self._shape = TensorShape(element_shape)
        length = 0 if size is None else _static(size)
        if length is None:
            raise ValueNeeded(
                f"The size of a tf.TensorArray is {size!r}, which has no value while the function is traced. Pass a "
                "Python number, or a size computed from shapes."
            )
        self._size = length
        self._values: dict[int, Any] = {}
        """The elements by place, as far as they have been written."""
        self._cleared: set[int] = set()
        self._rows: Any = None
        """All elements in one tensor, once a place that is not known while tracing has been written."""
        self._probe: Probe | None = None

    # ---- what it is ------------------------------------------------------------------------------------------

    @property
    def dtype(self) -> Any:
        """The dtype of the elements."""
        return self._dtype

    @property
    def dynamic_size(self) -> bool:
        """Whether it grows."""
        return self._dynamic

    @property
    def element_shape(self) -> TensorShape:
        """The shape of the elements, as far as it is known."""
        return self._shape

    @property
    def flow(self) -> Any:
        """A scalar that stands for its state, as in TensorFlow."""
        return convert(0.0)

    @property
    def handle(self) -> None:
        """None: there is no resource behind it."""
        return None

    def size(self, name: str | None = None) -> Any:
        """The number of elements: an int32 scalar tensor."""
        return convert(self._length(), int32)

    def _length(self) -> int:
        return self._size if self._rows is None else self._rows.aval.shape[0]

    def __len__(self) -> int:
        return self._length()

    def identity(self) -> TensorArray:
        """A `TensorArray` with the same elements."""
        return self._copy()

    def close(self, name: str | None = None) -> None:
        """Forget the elements."""
        self._size, self._values = 0, {}
        self._cleared = set()
        self._rows = None

    def grad(self, source: str, flow: Any = None, name: str | None = None) -> Any:
        """Not supported, as in TensorFlow's eager mode: gradients flow by themselves."""
        raise NotImplementedError("TensorArray.grad is not needed: gradients flow through its elements by themselves.")

    # ---- writing ---------------------------------------------------------------------------------------------

    def write(self, index: Any, value: Any, name: str | None = None) -> TensorArray:
        """Put a tensor in a place.

        **Raises:** `OutOfRangeError` for a place that is not there; `InvalidArgumentError` for another dtype;
        `ValueError` for another shape than that of the other elements.
        """
        value = self._element(value)
        place = _static(index)
        new = self._next()
        if self._probe is not None:
            self._probe.note(index, value)
            return new
        if place is None:
            new._to_rows()
            new._rows = record(WRITE, (), (new._rows, _index(index), value))
            return new
        if place < 0 or place >= self._length():
            if place < 0 or not self._dynamic:
                kind = "resizeable" if not self._dynamic else "written below zero"
                raise OutOfRangeError(
                    message=f"Tried to write to index {place} but array is not {kind} and size is: {self._length()}. "
                    f"Make it larger, or pass dynamic_size=True."
                )
            new._grow(place + 1)
        if new._rows is not None:
            new._rows = record(WRITE, (), (new._rows, place, value))
        else:
            new._values[place] = value
        return new

    def _element(self, value: Any) -> Any:
        tensor = value if is_tensor_like(value) else convert(value, hint=self._dtype)
        tensor = convert(tensor)
        if tensor.aval.dtype is not self._dtype:
            raise InvalidArgumentError(
                message=f"TensorArray dtype is {self._dtype.name} but Op is trying to write dtype "
                f"{tensor.aval.dtype.name}. Cast it: tf.cast(x, tf.{self._dtype.name})."
            )
        if not self._shape.is_compatible_with(tensor.aval.shape):
            raise ValueError(
                f"Incompatible shape for value ({TensorShape(tensor.aval.shape)}), expected ({self._shape})"
            )
        if self._infer:
            self._shape = self._shape.merge_with(tensor.aval.shape)
        return tensor

    def _element_rows(self, rows: Any) -> Any:
        """Rows whose shape and dtype fit, as `_element` checks it of one."""
        self._element(rows[0])
        return rows

    def _grow(self, length: int) -> None:
        if self._rows is None:
            self._size = length
            return
        from functape._api._shaping import pad

        missing = length - self._rows.aval.shape[0]
        self._rows = pad(self._rows, [[0, missing]] + [[0, 0]] * (self._rows.aval.ndim - 1))

    def _next(self) -> TensorArray:
        """The array to change: itself, or a copy in a function being traced."""
        return self._copy() if is_tracing() else self

    def _copy(self) -> TensorArray:
        new = object.__new__(TensorArray)
        new.__dict__.update(self.__dict__)
        new._values = dict(self._values)
        new._cleared = set(self._cleared)
        return new

    def unstack(self, value: Any, name: str | None = None) -> TensorArray:
        """Fill it with the rows of a tensor."""
        rows = convert(value, hint=self._dtype)
        if not rows.aval.shape:
            raise ValueError("TensorArray.unstack needs a tensor with at least one dimension. Received a scalar.")
        if is_unknown(rows.aval.shape[0]):
            new = self._next()
            new._rows = self._element_rows(rows)
            return new
        return self.scatter(range(rows.aval.shape[0]), rows)

    def scatter(self, indices: Any, value: Any, name: str | None = None) -> TensorArray:
        """Put the rows of a tensor in places."""
        rows = convert(value, hint=self._dtype)
        places = _static_list(indices)
        new = self
        for number, place in enumerate(places):
            new = new.write(place, rows[number])
        return new

    def split(self, value: Any, lengths: Any, name: str | None = None) -> TensorArray:
        """Fill it with parts of a tensor of given lengths."""
        tensor = convert(value, hint=self._dtype)
        new, start = self, 0
        for place, length in enumerate(_static_list(lengths)):
            new = new.write(place, tensor[start : start + length])
            start += length
        return new

    # ---- reading ---------------------------------------------------------------------------------------------

    def read(self, index: Any, name: str | None = None) -> Any:
        """One element.

        **Raises:** `OutOfRangeError` for a place that is not there; `InvalidArgumentError` for one read before, unless
        `clear_after_read` is False.
        """
        place = _static(index)
        if place is None:
            rows = self._all_rows()
            return record(READ, (), (rows, _index(index)))
        if place in self._cleared and place not in self._values:
            raise InvalidArgumentError(
                message=f"Could not read index {place} twice because it was cleared after a previous read (perhaps try "
                f"setting clear_after_read = false?)"
            )
        value = self._at(place)
        if self._clears and not is_tracing():
            self._cleared.add(place)
            self._values.pop(place, None)
        return value

    def _at(self, place: int) -> Any:
        """The element in a place; zeros where none was written or it was cleared, which eagerly are written by this."""
        if place < 0 or place >= self._length():
            raise OutOfRangeError(message=f"Tried to read from index {place} but array size is: {self._length()}")
        if self._rows is not None:
            return record(READ, (), (self._rows, place))
        value = self._values.get(place)
        if value is None:
            value = self._zero()
            if not is_tracing():
                self._values[place] = value
        return value

    def _zero(self) -> Any:
        from functape._api._creation import zeros

        if not self._shape.is_fully_defined():
            raise ValueError(
                f"Cannot convert a partially known TensorShape {self._shape} to a Tensor: an element of the "
                "TensorArray was "
                "never written. Write all, or pass element_shape."
            )
        return zeros(self._shape.as_list(), self._dtype)

    def stack(self, name: str | None = None) -> Any:
        """All elements as one tensor."""
        return self._all_rows()

    def _all_rows(self) -> Any:
        if self._rows is not None:
            return self._rows
        from functape._api._creation import zeros
        from functape._api._joining import stack

        if not self._size:
            return zeros(
                [0, *[each or 0 for each in self._shape.as_list()]] if self._shape.rank is not None else [0],
                self._dtype,
            )
        if is_unknown(self._size):
            # Only shapes count while lengths are unknown.
            return zeros([self._size, *self._zero().aval.shape], self._dtype)
        return stack([self._at(place) for place in range(self._size)])

    def gather(self, indices: Any, name: str | None = None) -> Any:
        """Some elements as one tensor."""
        from functape._api._gathering import gather
        from functape._api._joining import stack

        try:
            places = _static_list(indices)
        except ValueNeeded:
            return gather(self._all_rows(), indices)
        return stack([self._at(place) for place in places])

    def concat(self, name: str | None = None) -> Any:
        """The elements joined along their first axis."""
        from functape._api._joining import concat
        from functape._api._shaping import reshape

        if self._rows is not None or is_unknown(self._size):
            rows = self._all_rows()
            shape = rows.aval.shape
            return reshape(rows, [shape[0] * shape[1], *shape[2:]])
        return concat([self._at(place) for place in range(self._size)], 0)

    # ---- in traced loops -------------------------------------------------------------------------------------

    def _to_rows(self) -> None:
        if self._rows is None:
            self._rows = self._all_rows()
            self._values = {}
            self._cleared = set()


class Probe:
    """Notes what a loop's body writes, before the loop is traced for good."""

    def __init__(self) -> None:
        self.writes: list[tuple[Any, Any]] = []

    def note(self, index: Any, value: Any) -> None:
        """Note a write."""
        self.writes.append((index, value.aval))


def ready_for_loop(
    state: Sequence[Any], probe: Callable[[Sequence[Any]], Any], length: int | None, counts: bool = False
) -> list[Any]:
    """The state of a loop with its `TensorArray`s in the form that a loop can carry: all elements in one tensor.

    **Arguments:**
    - `state`: the state.
    - `probe`: traces the body once for a state, for what it writes.
    - `length`: the number of iterations, if it is known.
    - `counts`: whether the body's first argument counts the iterations from zero.
    """
    if not any(isinstance(each, TensorArray) for each in state):
        return list(state)
    unclear = [
        each
        for each in state
        if isinstance(each, TensorArray)
        and each._rows is None
        and (each._dynamic or not each._shape.is_fully_defined() or not each._size)
    ]
    probes: dict[int, Probe] = {}
    if unclear:
        trial = []
        for each in state:
            if any(each is other for other in unclear):
                copy = each._copy()
                copy._probe = probes[id(each)] = Probe()
                trial.append(copy)
            else:
                trial.append(each)
        probe(trial)
    ready = []
    for each in state:
        if not isinstance(each, TensorArray):
            ready.append(each)
            continue
        new = each._copy()
        noted = probes.get(id(each))
        if noted is not None and noted.writes:
            new._shape = new._shape.merge_with(noted.writes[0][1].shape)
            if new._dynamic:
                _make_room(new, noted, length, counts)
        new._dynamic = False if new._rows is not None or new._size else new._dynamic
        if new._rows is None and (new._size or new._shape.is_fully_defined()):
            new._to_rows()
        ready.append(new)
    return ready


def _make_room(array: TensorArray, probe: Probe, length: int | None, counts: bool) -> None:
    """Let a `TensorArray` that grows have its final size before the loop."""
    from functape._engine._trace import Trace

    def is_count(index: Any) -> bool:
        home = getattr(index, "home", None)
        return counts and isinstance(getattr(home, "recorder", None), Trace) and getattr(index, "slot", None) == -1

    by_count = all(is_count(index) for index, _ in probe.writes)
    if length is None or not by_count:
        raise ValueNeeded(
            "A tf.TensorArray with dynamic_size=True grows in a loop in a way that is not known while the function is "
            "traced. Pass its size, or write at the number of the iteration in a loop over tf.range(n) of known length."
        )
    if length > array._length():
        array._grow(length)


def _static(index: Any) -> int | None:
    """A place as a Python number, or None if it is not known while tracing."""
    if index.__class__ is int:
        return index
    if not is_tensor_like(index):
        return int(np.asarray(index))
    try:
        return int(read_value(index))
    except ValueNeeded:
        return None


def _static_list(values: Any) -> list[int]:
    if isinstance(values, range):
        return list(values)
    if is_tensor_like(values):
        return [int(each) for each in np.ravel(read_value(values))]
    return [int(each) for each in np.ravel(np.asarray(values))]


def _index(index: Any) -> Any:
    from functape._core._cast import cast

    return cast(index, int32)


def _apart(array: TensorArray) -> tuple[Any, list[Any]]:
    shape = None if array._shape.rank is None else tuple(array._shape.as_list())
    places = tuple(sorted(array._values)) if array._rows is None else None
    rest = (array._dtype, array._size, array._dynamic, array._clears, array._infer, shape, places, array._probe)
    return rest, [array._rows] if places is None else [array._values[place] for place in places]


def _together(rest: Any, parts: list[Any]) -> TensorArray:
    dtype, size, dynamic, clears, infer, shape, places, probe = rest
    array = TensorArray(dtype, size, dynamic, clears, infer_shape=infer, element_shape=shape)
    if places is None:
        array._rows = parts[0]
    else:
        array._values = dict(zip(places, parts, strict=True))
    array._probe = probe
    return array


composites[TensorArray] = (_apart, _together)
