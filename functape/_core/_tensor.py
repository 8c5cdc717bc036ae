"""`tf.Tensor`: an immutable array whose value may still be pending."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._core import _format
from functape._core._absent import Absent
from functape._core._convert import convert, convert_arguments
from functape._core._host_ops import run_on_host
from functape._core._indexing import index_tensor
from functape._core._masks import keras_mask
from functape._core._overloads import binary, reflected, unary
from functape._core._pytree import register
from functape._core._reference import Reference
from functape._core._shape import TensorShape, make_shape
from functape._engine._avals import Kind
from functape._engine._compat import enable_x64
from functape._engine._dtypes import DType
from functape._engine._dtypes import string as string_dtype
from functape._engine._recorder import install, local, record
from functape._engine._tape import note_read
from functape._engine._tensor import BaseTensor
from functape._ops import _operators as rows


class Operators:
    """What tensors and variables share: Python's operators, conversions to Python values, indexing."""

    __slots__ = ()
    __array_priority__ = 100

    op = Absent(lambda _: "Tensor.op is undefined when eager execution is enabled.")
    graph = Absent(lambda _: "Tensor.graph is undefined when eager execution is enabled.")

    def __bool__(self) -> bool:
        return bool(self.numpy())  # type: ignore[attr-defined]

    def __float__(self) -> float:
        return float(_scalar(self))

    def __int__(self) -> int:
        return int(_scalar(self))

    def __complex__(self) -> complex:
        return complex(_scalar(self))

    def __index__(self) -> int:
        return _scalar(self).__index__()

    def __iter__(self) -> Iterator[Any]:
        shape = self.shape  # type: ignore[attr-defined]
        if not shape.rank:
            raise TypeError("Cannot iterate over a scalar tensor.")
        return (self[index] for index in range(shape[0]))  # type: ignore[index]

    def __getitem__(self, index: Any) -> Any:
        return index_tensor(self, index)

    def __pow__(self, other: Any) -> Any:
        if other.__class__ in (int, float) and other == 2:
            return record(rows.SQUARE, (), (self,))
        return _power(self, other)

    def __and__(self, other: Any) -> Any:
        return record(rows.LOGICAL_AND if self.dtype.is_bool else rows.BITWISE_AND, (), (self, other))  # type: ignore[attr-defined]

    def __or__(self, other: Any) -> Any:
        return record(rows.LOGICAL_OR if self.dtype.is_bool else rows.BITWISE_OR, (), (self, other))  # type: ignore[attr-defined]

    def __xor__(self, other: Any) -> Any:
        return record(rows.LOGICAL_XOR if self.dtype.is_bool else rows.BITWISE_XOR, (), (self, other))  # type: ignore[attr-defined]

    __rand__, __ror__, __rxor__ = __and__, __or__, __xor__

    def __invert__(self) -> Any:
        return record(rows.LOGICAL_NOT if self.dtype.is_bool else rows.INVERT, (), (self,))  # type: ignore[attr-defined]

    def __eq__(self, other: Any) -> Any:
        return _compare(rows.EQUAL, self, other, False)

    def __ne__(self, other: Any) -> Any:
        return _compare(rows.NOT_EQUAL, self, other, True)

    def __hash__(self) -> int:
        what = "Tensor" if isinstance(self, BaseTensor) else "Variable"
        raise TypeError(f"{what} is unhashable. Instead, use {what.lower()}.ref() as the key.")

    def ref(self) -> Reference:
        """A hashable reference to this object, for sets and dict keys; `.deref()` gives it back."""
        return Reference(self)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        array = np.asarray(self.numpy())  # type: ignore[attr-defined]
        return array if dtype is None else array.astype(dtype)

    @property
    def device(self) -> str:
        """The name of the device that holds the value, in TensorFlow's spelling."""
        platform = jax.default_backend()
        return f"/job:localhost/replica:0/task:0/device:{platform.upper()}:0"


class Tensor(Operators, BaseTensor):
    """An array of one dtype (`tf.Tensor`). Made by ops and `tf.constant`; never changed."""

    __slots__ = ()
    _keras_mask = keras_mask

    @property
    def shape(self) -> TensorShape:
        """Its shape, always fully known."""
        return make_shape(self.aval.shape)

    @property
    def dtype(self) -> DType:
        """The type of its elements."""
        return self.aval.dtype

    @property
    def ndim(self) -> int:
        """The number of its dimensions."""
        return len(self.aval.shape)

    @property
    def name(self) -> str:
        """Undefined, as in TensorFlow's eager mode."""
        raise AttributeError("Tensor.name is undefined when eager execution is enabled.")

    @property
    def backing_device(self) -> str:
        """As `device`."""
        return self.device

    def get_shape(self) -> TensorShape:
        """As `shape`."""
        return self.shape

    def set_shape(self, shape: Any) -> None:
        """Check that `shape` agrees with the tensor's.

        **Raises:** `ValueError` if not.
        """
        if not self.shape.is_compatible_with(shape):
            raise ValueError(f"Tensor's shape {self.shape} is not compatible with supplied shape {TensorShape(shape)}.")

    def numpy(self) -> Any:
        """The value as a NumPy array of its own (a NumPy scalar for shape `()`), computed now if it was pending."""
        value = self.resolve()
        if local.recorder.open_tapes:
            note_read(self)
        aval = self.aval
        if aval.kind is Kind.SCALAR:
            return np.array(value, aval.dtype.as_numpy_dtype)[()]
        if aval.kind is Kind.HOST:
            return value.copy() if aval.shape else value[()]
        array = np.array(value)
        return array if aval.shape else array[()]

    def __jax_array__(self) -> jax.Array:
        value = self.resolve()
        if self.aval.kind is Kind.HOST:
            raise TypeError("A string tensor cannot become a JAX array.")
        if isinstance(value, jax.Array):
            return value
        with enable_x64(True):
            return jnp.asarray(value, dtype=self.aval.dtype.as_numpy_dtype)

    def __dlpack__(self, **options: Any) -> Any:
        return self.__jax_array__().__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self.__jax_array__().__dlpack_device__()  # type: ignore[attr-defined]

    @property
    def assign(self) -> Any:
        """For a slice of a variable, the function that assigns a value to that part of it: `w[0].assign(1.0)`."""
        try:
            variable, index = self.origin
        except AttributeError:
            raise AttributeError(
                "'EagerTensor' object has no attribute 'assign': tensors do not change. Use a tf.Variable."
            ) from None
        return lambda value, use_locking=False, name=None, read_value=True: variable._assign_slice(index, value)

    def __len__(self) -> int:
        if not self.aval.shape:
            raise TypeError("Scalar tensor has no `len()`")
        return self.aval.shape[0]

    def __contains__(self, value: Any) -> bool:
        return value in self.numpy()

    def __copy__(self) -> Tensor:
        return self

    def __deepcopy__(self, memo: Any) -> Tensor:
        return self

    def __reduce__(self) -> Any:
        return convert, (self.numpy(), self.aval.dtype)

    def __repr__(self) -> str:
        return _format.tensor_repr(self.numpy(), self.aval.shape, self.aval.dtype)

    def __str__(self) -> str:
        return _format.tensor_str(self.numpy(), self.aval.shape, self.aval.dtype)

    def __format__(self, spec: str) -> str:
        return _format.format_spec(self.numpy(), spec)

    def __round__(self, digits: int = 0) -> Any:
        raise AttributeError("Tensor object has no attribute '__round__'. Use tf.round(x) or round(float(x), digits).")

    def cpu(self) -> Tensor:
        """The tensor itself: values move to the host when they are read."""
        return self

    def gpu(self, gpu_index: int = 0) -> Tensor:
        """The tensor itself: JAX's default device holds every tensor.

        **Raises:** `RuntimeError` if there is no GPU.
        """
        if jax.default_backend() != "gpu" or gpu_index:
            raise RuntimeError(f"No GPU number {gpu_index} holds tensors here. Devices: {jax.devices()}")
        return self

    def experimental_ref(self) -> Reference:
        """As `ref`."""
        return self.ref()

    def consumers(self) -> Any:
        """Not defined, as in TensorFlow's eager mode."""
        raise NotImplementedError("Tensor.consumers is undefined when eager execution is enabled.")

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """Not defined, as in TensorFlow's eager mode: use `numpy()`."""
        raise NotImplementedError("eval is not supported when eager execution is enabled. Use x.numpy().")


_PLAIN = (False, False, False, False)
_power = binary(rows.POWER, Tensor)
_NUMPY_ATTRIBUTES = {
    "T": "transpose(x)", "astype": "cast(x, dtype)", "ravel": "reshape(x, [-1])", "transpose": "transpose(x)",
    "reshape": "reshape(x, shape)", "clip": "clip_by_value(x, low, high)", "size": "size(x)", "max": "reduce_max(x)",
    "min": "reduce_min(x)", "mean": "reduce_mean(x)", "sum": "reduce_sum(x)", "tolist": "unstack(x)",
    "data": "identity(x)", "flatten": "reshape(x, [-1])", "argmax": "argmax(x)", "item": "squeeze(x)",
}  # fmt: skip


def _install_operators() -> None:
    for name, op in {
        "add": rows.ADD, "sub": rows.SUBTRACT, "mul": rows.MULTIPLY, "truediv": rows.REAL_DIVIDE,
        "floordiv": rows.FLOOR_DIVIDE, "mod": rows.FLOOR_MOD,
    }.items():  # fmt: skip
        setattr(Operators, f"__{name}__", binary(op, Tensor))
        setattr(Operators, f"__r{name}__", reflected(op))
    Operators.__matmul__ = binary(rows.MATMUL, Tensor, _PLAIN)  # type: ignore[attr-defined,operator]
    Operators.__rmatmul__ = reflected(rows.MATMUL, _PLAIN)  # type: ignore[attr-defined]
    Operators.__rpow__ = reflected(rows.POWER)  # type: ignore[attr-defined]
    for name, op in {
        "lt": rows.LESS, "le": rows.LESS_EQUAL, "gt": rows.GREATER, "ge": rows.GREATER_EQUAL,
    }.items():  # fmt: skip
        setattr(Operators, f"__{name}__", binary(op, Tensor))
    Operators.__neg__ = unary(rows.NEGATIVE)  # type: ignore[attr-defined,operator]
    Operators.__abs__ = unary(rows.ABSOLUTE)  # type: ignore[attr-defined]


def _install_absent() -> None:
    for name, instead in _NUMPY_ATTRIBUTES.items():
        message = (
            f"EagerTensor object has no attribute {name!r}. If you are looking for numpy-related methods, "
            f"use tf.{instead}, or x.numpy().{name}."
        )
        absent = Absent(lambda _, message=message: message)  # type: ignore[misc]
        absent.__set_name__(Tensor, name)
        setattr(Tensor, name, absent)


def _compare(op: Any, left: Any, right: Any, unlike: bool) -> Any:
    if right is None:
        return unlike
    if left.dtype is string_dtype or getattr(right, "dtype", None) is string_dtype:
        texts, others = left.numpy(), convert(right, string_dtype).numpy()
        return convert(np.not_equal(texts, others) if unlike else np.equal(texts, others))
    if isinstance(right, str | bytes | complex | list | tuple):
        right = convert(right, left.dtype)
    return record(op, (), (left, right))


def _scalar(value: Any) -> Any:
    array = value.numpy()
    if np.ndim(array):
        raise TypeError("only 0-dimensional arrays can be converted to Python scalars")
    return array


_install_operators()
_install_absent()
install(Tensor, convert_arguments, run_on_host)
register(Tensor)
