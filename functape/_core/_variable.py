"""`tf.Variable`: a cell that holds a tensor, concrete or pending."""

from __future__ import annotations

import enum
import itertools
import weakref
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from functape._core import _format
from functape._core._convert import convert, is_tensor_like
from functape._core._indexing import index_tensor, select
from functape._core._name_scope import current_scope_prefix
from functape._core._pytree import register
from functape._core._shape import TensorShape
from functape._core._tensor import Operators, Tensor
from functape._core._variable_creators import Creatable
from functape._engine._avals import Aval, Kind, aval
from functape._engine._dtypes import DType, as_dtype
from functape._engine._errors import InvalidArgumentError
from functape._engine._recorder import Cell, Recorder, install_variables, local, new_tensor, record
from functape._engine._tensor import on_device
from functape._ops import _operators as rows
from functape._ops import _updates as updates

_serials = itertools.count()


class VariableSynchronization(enum.Enum):
    """When a distributed variable's copies are synchronised; kept for TensorFlow's signature."""

    AUTO = 0
    NONE = 1
    ON_WRITE = 2
    ON_READ = 3


class VariableAggregation(enum.Enum):
    """How a distributed variable's copies are combined; kept for TensorFlow's signature."""

    NONE = 0
    SUM = 1
    MEAN = 2
    ONLY_FIRST_REPLICA = 3


class Variable(Operators, Cell, metaclass=Creatable):
    """A tensor that can be assigned (`tf.Variable`). Its dtype, and its shape unless told otherwise, stay as they are.

    **Arguments:**
    - `initial_value`: what converts to a tensor, or a function without arguments that returns it.
    - `trainable`: whether tapes watch it when it is read; True by default.
    - `validate_shape`, `caching_device`, `variable_def`, `import_scope`, `experimental_enable_variable_lifting`:
      accepted for TensorFlow's signature; they have no meaning outside its graphs.
    - `name`: its name, `Variable` by default; `w` gives `w:0`.
    - `dtype`: what the initial value is converted to.
    - `constraint`: a function from value to value that optimizers apply after an update.
    - `synchronization`, `aggregation`: kept and reported; there is one copy here.
    - `shape`: a shape that the value's must agree with; unknown lengths may change in assignments.

    **Raises:** `ValueError` without an initial value, or if it does not agree with `shape` or `dtype`.

    ```python
    >>> import functape as tf
    >>> w = tf.Variable(2.0, name="w")
    >>> w
    <tf.Variable 'w:0' shape=() dtype=float32, numpy=2.0>
    >>> w.assign_add(1.0).numpy()
    np.float32(3.0)

    ```
    """

    __slots__ = (
        "_weak",
        "_serial",
        "_name",
        "_trainable",
        "_shape",
        "_constraint",
        "_synchronization",
        "_aggregation",
        "__dict__",
    )

    _asks_creators = True
    home = None
    """A variable has no place in a recording: reading it finds its tensor's."""

    def __init__(
        self,
        initial_value: Any = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: Any = None,
        name: str | None = None,
        variable_def: Any = None,
        dtype: Any = None,
        import_scope: Any = None,
        constraint: Callable[[Any], Any] | None = None,
        synchronization: VariableSynchronization = VariableSynchronization.AUTO,
        aggregation: VariableAggregation = VariableAggregation.NONE,
        shape: Any = None,
        experimental_enable_variable_lifting: bool = True,
    ) -> None:
        if initial_value is None:
            raise ValueError(
                "The `initial_value` arg to `tf.Variable` must be specified. Received: None. "
                "Pass a number, an array, a tensor or a function that returns one."
            )
        wanted = None if dtype is None else as_dtype(dtype)
        value = (_traced_initial if local.recorder.tracing else _initial)(initial_value, wanted)
        self._weak = weakref.ref(self)
        self._serial = next(_serials)
        self._name = current_scope_prefix() + (name or "Variable")
        self._trainable = True if trainable is None else bool(trainable)
        self._constraint = constraint
        self._synchronization = synchronization
        self._aggregation = aggregation
        known = TensorShape(value.aval.shape)
        if shape is not None and not TensorShape(shape).is_compatible_with(known):
            raise ValueError(
                f"In this `tf.Variable` creation, the initial value's shape ({known}) is not compatible with "
                f"the explicitly supplied `shape` argument ({shape})."
            )
        self._shape = known if shape is None else TensorShape(shape)
        self._hold(value)
        if local.recorder.tracing:
            local.recorder.created.append(self._weak)

    # ---- the cell --------------------------------------------------------------------------------------------

    @property
    def aval(self) -> Aval:
        return self.tensor.aval

    def enter(self, recorder: Recorder) -> Any:
        """As a tensor's `enter`, for the present value."""
        tensor = self.tensor
        if tensor.home is recorder.outputs:
            return tensor.slot
        ref = recorder.slots.get(id(tensor))
        return tensor.enter_anew(recorder) if ref is None else ref

    def _hold(self, value: Any) -> None:
        """Make `value` the present value: under a tensor of the variable's own, so that watching one is not watching
        the other."""
        # In a function being traced an assignment is part of the program, but not the first value of a new variable.
        recorded = local.recorder.tracing and hasattr(self, "tensor")
        known = value.resolve() if hasattr(value, "value") and not recorded else None
        if known is None:
            self._adopt(record(updates.ASSIGN, (self._trainable_kind(value.aval),), (value,)))
            return
        held = new_tensor()
        held.home = None
        if value.aval.kind is Kind.HOST:
            held.aval, held.value = value.aval, known
        else:
            kind = Kind.VARIABLE if self._trainable_kind(value.aval) else Kind.ARRAY
            held.aval = aval(value.aval.shape, value.aval.dtype, kind)
            scalar = value.aval.kind is Kind.SCALAR
            held.value = np.array(known, value.aval.dtype.as_numpy_dtype) if scalar else known
            if isinstance(known, np.ndarray) and known.nbytes >= _LARGE:
                held.value = on_device(known)
        self._adopt(held)

    def _adopt(self, tensor: Any) -> None:
        """Make a tensor that nobody else knows the present value."""
        recorder = local.recorder
        if recorder.tracing:
            before = getattr(self, "tensor", None)
            # The first value of a variable made in the trace is no assignment: it is what the trace's end goes back to.
            if before is not None or not hasattr(tensor, "value"):
                recorder.note_write(self, before)
        tensor.variable = self._weak
        self.tensor = tensor
        recorder.assigned = True

    def receive(self, tensor: Any) -> None:
        """As `_adopt`: take the value that a traced function computed."""
        self._adopt(tensor)

    def _trainable_kind(self, value: Aval) -> bool:
        return self._trainable and value.differentiable

    def _update(self, op: Any, statics: tuple[Any, ...], *args: Any) -> Any:
        """Record an update of the value; returns what assignments return."""
        self._settle()
        self._adopt(record(op, (*statics, self._trainable_kind(self.tensor.aval)), (self, *args)))
        return UnreadVariable(self)

    def _settle(self) -> None:
        """Run what is pending if this variable has been assigned in it already."""
        recorder = local.recorder
        if recorder.ended is not None:
            recorder.finish_ended()
        if self.tensor.home is recorder.outputs:
            recorder.flush("a variable is assigned again")

    # ---- values ----------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """Its name with TensorFlow's output number: `w:0`."""
        return f"{self._name}:0"

    @property
    def shape(self) -> TensorShape:
        """Its shape."""
        return self._shape

    @property
    def dtype(self) -> DType:
        """The type of its elements."""
        return self.tensor.aval.dtype

    @property
    def trainable(self) -> bool:
        """Whether tapes watch it when it is read."""
        return self._trainable

    @property
    def constraint(self) -> Callable[[Any], Any] | None:
        """The function optimizers apply to its value after an update."""
        return self._constraint

    @property
    def synchronization(self) -> VariableSynchronization:
        """As given."""
        return self._synchronization

    @property
    def aggregation(self) -> VariableAggregation:
        """As given."""
        return self._aggregation

    @property
    def handle(self) -> Any:
        """The variable itself: there is no separate resource."""
        return self

    @property
    def initializer(self) -> None:
        """None, as in TensorFlow's eager mode."""
        return None

    @property
    def initial_value(self) -> Any:
        """Not kept, as in TensorFlow's eager mode."""
        raise RuntimeError("This property is not supported when eager execution is enabled.")

    def get_shape(self) -> TensorShape:
        """As `shape`."""
        return self._shape

    def set_shape(self, shape: Any) -> None:
        """Narrow the shape to one that agrees with it.

        **Raises:** `ValueError` if it does not.
        """
        self._shape = self._shape.merge_with(shape)

    def __bool__(self) -> bool:
        return bool(self.value() if local.recorder.tracing else self.numpy())

    def numpy(self) -> Any:
        """The value as a NumPy array of its own.

        **Raises:** `NotImplementedError` while a function is traced.
        """
        if local.recorder.tracing:
            raise NotImplementedError(
                f"numpy() is only available outside of tf.function: {self.name!r} may have another value each time the "
                "function runs. Use the variable itself, or read it outside: with tf.init_scope()."
            )
        return self.tensor.numpy()  # type: ignore[attr-defined]

    def value(self) -> Tensor:
        """The present value as a tensor, which later assignments leave alone."""
        return record(rows.IDENTITY, (), (self,)) if self.tensor.aval.kind is not Kind.HOST else self.tensor  # type: ignore[return-value]

    def read_value(self) -> Tensor:
        """As `value`."""
        return self.value()

    def read_value_no_copy(self) -> Tensor:
        """As `value`."""
        return self.value()

    def is_initialized(self, name: str | None = None) -> Tensor:
        """Always True: a variable is made with its value."""
        return convert(True)

    def sparse_read(self, indices: Any, name: str | None = None) -> Tensor:
        """The rows at `indices`, as `tf.gather`."""
        from functape import gather

        return gather(self, indices)

    def gather_nd(self, indices: Any, name: str | None = None) -> Tensor:
        """The elements or slices at `indices`, as `tf.gather_nd`."""
        from functape import gather_nd

        return gather_nd(self, indices)

    # ---- assignment ------------------------------------------------------------------------------------------

    def assign(self, value: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True) -> Any:
        """Replace the value (`tf.Variable.assign`).

        **Arguments:**
        - `value`: what converts to a tensor of the variable's dtype and shape.
        - `use_locking`, `name`: accepted for compatibility.
        - `read_value`: whether to return the variable; None is returned otherwise.

        **Raises:** `ValueError` for a value of another shape or a tensor of another dtype; `TypeError` for a value
        that is no number of this dtype. The variable is left as it was.
        """
        converted = convert(value, self.dtype)
        if not self._shape.is_compatible_with(converted.shape):
            raise ValueError(
                f"Cannot assign value to variable '{self.name}': Shape mismatch. The variable shape {self._shape}, "
                f"and the assigned value shape {converted.shape} are incompatible."
            )
        self._settle()
        self._hold(converted)
        return UnreadVariable(self) if read_value else None

    def assign_add(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Add `delta`, of the variable's shape and dtype, to the value."""
        return self._accumulate(updates.ASSIGN_ADD, delta, read_value)

    def assign_sub(
        self, delta: Any, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Any:
        """Subtract `delta`, of the variable's shape and dtype, from the value."""
        return self._accumulate(updates.ASSIGN_SUBTRACT, delta, read_value)

    def _accumulate(self, op: Any, delta: Any, read_value: bool) -> Any:
        converted = convert(delta, self.dtype)
        if converted.aval.shape != self.tensor.aval.shape:
            raise InvalidArgumentError(
                message=f"Cannot update variable with shape {list(self.tensor.aval.shape)} using a Tensor with shape "
                f"{list(converted.aval.shape)}, shapes must be equal. [Op:{op.name}]"
            )
        assigned = self._update(op, (), converted)
        return assigned if read_value else None

    def __getitem__(self, index: Any) -> Any:
        part = index_tensor(self, index)
        part.origin = (self, index)
        return part

    def _assign_slice(self, index: Any, value: Any) -> Any:
        converted = convert(value, self.dtype)
        selection = select(list(self.tensor.aval.shape), index)
        try:
            np.broadcast_shapes(converted.aval.shape, selection.spec[3])
            fits = converted.aval.size <= int(np.prod(selection.spec[3]))
        except ValueError:
            fits = False
        if not fits:
            raise InvalidArgumentError(
                message=f"Cannot assign a value of shape {list(converted.aval.shape)} to a slice of shape "
                f"{list(selection.spec[3])} of variable '{self.name}' [Op:ResourceStridedSliceAssign]"
            )
        starts = convert([int(start) for start in selection.starts] or [0])
        return self._update(updates.UPDATE_SLICE, (selection.spec,), starts, converted)

    # ---- scatter ---------------------------------------------------------------------------------------------

    def _scatter(self, how: str, sparse_delta: Any) -> Any:
        from functape._core._slices import IndexedSlices

        if not isinstance(sparse_delta, IndexedSlices):
            raise TypeError(
                f"sparse_delta is not IndexedSlices: {sparse_delta!r}. "
                f"Pass tf.IndexedSlices(values, indices), indices naming rows of the variable."
            )
        values = convert(sparse_delta.values, self.dtype)
        indices = convert(sparse_delta.indices)
        _check_indices(indices, self.tensor.aval.shape[0], f"ResourceScatter{how.capitalize()}")
        return self._update(updates.SCATTER[how], (), indices, values)

    def scatter_add(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Add the rows of `tf.IndexedSlices` `sparse_delta`."""
        return self._scatter("add", sparse_delta)

    def scatter_sub(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Subtract the rows of `tf.IndexedSlices` `sparse_delta`."""
        return self._scatter("sub", sparse_delta)

    def scatter_mul(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Multiply by the rows of `tf.IndexedSlices` `sparse_delta`."""
        return self._scatter("mul", sparse_delta)

    def scatter_div(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Divide by the rows of `tf.IndexedSlices` `sparse_delta`."""
        return self._scatter("div", sparse_delta)

    def scatter_max(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Take the larger of the value and the rows of `tf.IndexedSlices` `sparse_delta`."""
        return self._scatter("max", sparse_delta)

    def scatter_min(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Take the smaller of the value and the rows of `tf.IndexedSlices` `sparse_delta`."""
        return self._scatter("min", sparse_delta)

    def scatter_update(self, sparse_delta: Any, use_locking: bool = False, name: str | None = None) -> Any:
        """Replace rows by those of `tf.IndexedSlices` `sparse_delta`."""
        return self._scatter("update", sparse_delta)

    batch_scatter_update = scatter_update

    def _scatter_nd(self, how: str, indices: Any, values: Any) -> Any:
        places = convert(indices)
        converted = convert(values, self.dtype)
        shape = self.tensor.aval.shape
        depth = places.aval.shape[-1] if places.aval.shape else 0
        if not depth or depth > len(shape) or converted.aval.shape != places.aval.shape[:-1] + shape[depth:]:
            raise InvalidArgumentError(
                message=f"indices of shape {list(places.aval.shape)} and updates of shape "
                f"{list(converted.aval.shape)} do not fit variable '{self.name}' of shape {list(shape)} "
                f"[Op:ResourceScatterNd{how.capitalize()}]"
            )
        return self._update(updates.SCATTER_ND[how], (), places, converted)

    def scatter_nd_add(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Add `updates` at `indices`, each a path into the variable."""
        return self._scatter_nd("add", indices, updates)

    def scatter_nd_sub(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Subtract `updates` at `indices`, each a path into the variable."""
        return self._scatter_nd("sub", indices, updates)

    def scatter_nd_update(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Replace what is at `indices`, each a path into the variable, by `updates`."""
        return self._scatter_nd("update", indices, updates)

    def scatter_nd_max(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Take the larger of the value and `updates` at `indices`, each a path into the variable."""
        return self._scatter_nd("max", indices, updates)

    def scatter_nd_min(self, indices: Any, updates: Any, name: str | None = None) -> Any:
        """Take the smaller of the value and `updates` at `indices`, each a path into the variable."""
        return self._scatter_nd("min", indices, updates)

    # ---- Python's protocols ----------------------------------------------------------------------------------

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        register(cls)

    def __jax_array__(self) -> jax.Array:
        return self.tensor.__jax_array__()  # type: ignore[attr-defined]

    def __dlpack__(self, **options: Any) -> Any:
        return self.tensor.__dlpack__(**options)  # type: ignore[attr-defined]

    def __dlpack_device__(self) -> Any:
        return self.tensor.__dlpack_device__()  # type: ignore[attr-defined]

    def __iadd__(self, other: Any) -> Any:
        raise RuntimeError(_NOT_IN_PLACE.format("+", "assign_add"))

    def __isub__(self, other: Any) -> Any:
        raise RuntimeError(_NOT_IN_PLACE.format("-", "assign_sub"))

    def __imul__(self, other: Any) -> Any:
        raise RuntimeError(_NOT_IN_PLACE.format("*", "assign"))

    def __itruediv__(self, other: Any) -> Any:
        raise RuntimeError(_NOT_IN_PLACE.format("/", "assign"))

    def __ipow__(self, other: Any) -> Any:  # type: ignore[misc]
        raise RuntimeError(_NOT_IN_PLACE.format("**", "assign"))

    def __deepcopy__(self, memo: Any) -> Variable:
        copied = Variable(
            self.numpy(),
            trainable=self._trainable,
            dtype=self.dtype,
            constraint=self._constraint,
            synchronization=self._synchronization,
            aggregation=self._aggregation,
            shape=self._shape,
        )
        copied._name = self._name
        memo[id(self)] = copied
        return copied

    def __repr__(self) -> str:
        if local.recorder.tracing:
            return f"<tf.Variable '{self.name}' shape={self._shape} dtype={self.dtype.name}>"
        return _format.variable_repr(self.numpy(), self.name, self._shape, self.dtype)  # type: ignore[arg-type]

    __str__ = __repr__

    def experimental_ref(self) -> Any:
        """As `ref`."""
        return self.ref()

    def eval(self, session: Any = None) -> Any:
        """Not supported, as in TensorFlow's eager mode: use `numpy()`."""
        raise RuntimeError("This operation is not supported when eager execution is enabled. Use variable.numpy().")


register(Variable)


class UnreadVariable(Variable):
    """What an assignment returns: the variable under another name, as TensorFlow prints it."""

    __slots__ = ("_assigned",)

    def __init__(self, assigned: Variable) -> None:
        self._assigned = assigned

    @property
    def name(self) -> str:
        """The name TensorFlow gives it."""
        return "UnreadVariable"

    @property
    def tensor(self) -> Any:  # type: ignore[override]
        return self._assigned.tensor

    @tensor.setter
    def tensor(self, value: Any) -> None:
        self._assigned.tensor = value

    def __getattr__(self, name: str) -> Any:
        return getattr(self._assigned, name)

    def _hold(self, value: Any) -> None:
        self._assigned._hold(value)


_LARGE = 2**20
"""Bytes from which a first value is sent to the device at once: the first program then takes its buffer over."""
_NOT_IN_PLACE = (
    "`variable {0}= value` with `tf.Variable`s is not supported. Use `variable.{1}(value)` to modify the variable, "
    "or `out = variable {0} value` if you need to get a new output Tensor."
)


def _initial(initial_value: Any, dtype: DType | None) -> Any:
    try:
        value = initial_value() if callable(initial_value) and not is_tensor_like(initial_value) else initial_value
        return convert(value, dtype)
    except ValueError as error:
        raise ValueError(f"initial_value: {error}") from None


def _traced_initial(initial_value: Any, dtype: DType | None) -> Any:
    from functape.function._creation import initial_value as outside

    return outside(initial_value, dtype)


def _check_indices(indices: Any, length: int, op: str) -> None:
    known = getattr(indices, "value", None)
    if known is None:
        return
    array = np.asarray(known)
    wrong = (array < 0) | (array >= length)
    if wrong.any():
        place = int(np.flatnonzero(wrong.ravel())[0])
        raise InvalidArgumentError(
            message=f"indices[{place}] = {array.ravel()[place]} is not in [0, {length}) [Op:{op}]"
        )


install_variables(Variable)
