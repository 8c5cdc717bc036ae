"""Symbolic tensors: what a function being traced computes with. They have a shape and a dtype but no value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from functape._core._absent import Absent
from functape._core._tensor import Tensor
from functape._engine._trace import install_symbolic

_OP_NAMES = {
    "AddV2": "add", "Sub": "sub", "Mul": "mul", "RealDiv": "truediv", "FloorDiv": "floordiv", "FloorMod": "floormod",
    "Pow": "pow", "StridedSlice": "strided_slice", "PartitionedCall": "StatefulPartitionedCall",
    "TraceKeep": "Identity",
}  # fmt: skip
"""What TensorFlow calls the nodes of some ops in its graphs."""


class OperatorNotAllowedInGraphError(TypeError):
    """A Python operator that needs a value met a symbolic tensor (`tf.errors.OperatorNotAllowedInGraphError`)."""


def _no_value(name: str) -> Any:
    """An attribute that symbolic tensors do not have."""
    return Absent(
        lambda tensor: (
            f"'SymbolicTensor' object has no attribute {name!r}: {tensor!r} is part of a function being "
            "traced, where values are not known yet. Return it from the function and read it there, print it with "
            "tf.print, or pass it to tf.py_function."
        )
    )


class SymbolicTensor(Tensor):
    """A tensor of a function that is being traced."""

    __slots__ = ()

    numpy = _no_value("numpy")
    cpu = _no_value("cpu")
    gpu = _no_value("gpu")

    @property
    def op(self) -> Any:
        """What made it; only its name is known."""
        return SymbolicOp(self.name.rpartition(":")[0])

    @property
    def name(self) -> str:
        """A name like those in TensorFlow's graphs: `add:0`."""
        return _name(self)

    @property
    def graph(self) -> Any:
        """The trace it belongs to."""
        return self.home.recorder

    @property
    def device(self) -> str:
        """Not decided while tracing."""
        return ""

    def __bool__(self) -> bool:
        raise OperatorNotAllowedInGraphError(
            f"Using a symbolic `tf.Tensor` as a Python `bool` is not allowed. {self!r} has no value while the "
            "function is traced. Write tf.cond(x, true_fn, false_fn), tf.where(x, a, b), or tf.logical_and/or/not in "
            "place of and/or/not; or let AutoGraph convert the code: do not pass autograph=False, and keep the source "
            "available."
        )

    def __iter__(self) -> Iterator[Any]:
        raise OperatorNotAllowedInGraphError(
            f"Iterating over a symbolic `tf.Tensor` is not allowed. {self!r} has no value while the function is "
            "traced. Write tf.unstack(x) for its parts along the first axis, tf.map_fn(f, x) or tf.scan, or let "
            "AutoGraph convert the `for` statement."
        )

    def __len__(self) -> int:
        raise TypeError(
            f"len is not well defined for a symbolic Tensor ({self.name}). Use x.shape[0], or tf.shape(x)[0]."
        )

    def __float__(self) -> float:
        raise TypeError(_scalar_text("float()", "a string or a real number", "tf.cast(x, tf.float32)"))

    def __int__(self) -> int:
        raise TypeError(_scalar_text("int()", "a string, a bytes-like object or a real number", "tf.cast(x, tf.int32)"))

    def __complex__(self) -> complex:
        raise TypeError(_scalar_text("complex()", "a string or a number", "tf.cast(x, tf.complex64)"))

    def __index__(self) -> int:
        raise TypeError(
            "'SymbolicTensor' object cannot be interpreted as an integer: it has no value while the function is "
            "traced. Use tf.range in place of range, and tf.gather(values, i) in place of values[i]."
        )

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        raise NotImplementedError(
            f"Cannot convert a symbolic tf.Tensor ({self.name}) to a numpy array: it has no value while the function "
            "is traced. Use the function of tf in place of NumPy's, or wrap the NumPy code with tf.numpy_function."
        )

    def __jax_array__(self) -> Any:
        raise TypeError(
            f"A symbolic tf.Tensor ({self.name}) cannot become a JAX array: it has no value while the function is "
            "traced. Use the function of tf in place of JAX's."
        )

    def __dlpack__(self, **options: Any) -> Any:
        return self.__jax_array__()

    def __contains__(self, value: Any) -> bool:
        raise TypeError(
            f"`in` is not defined for a symbolic Tensor ({self.name}): it has no value while the function is traced. "
            "Write tf.reduce_any(tf.equal(x, value))."
        )

    def __reduce__(self) -> Any:
        raise TypeError(f"{self!r} cannot be pickled: it has no value while the function is traced.")

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={self.shape} dtype={self.dtype.name}>"

    def __str__(self) -> str:
        return f'Tensor("{self.name}", shape={self.shape}, dtype={self.dtype.name})'

    def __format__(self, spec: str) -> str:
        if spec:
            raise TypeError(
                f"unsupported format string passed to SymbolicTensor.__format__: {spec!r}. It has no value while the "
                "function is traced: print it with tf.print."
            )
        return str(self)

    def eval(self, feed_dict: Any = None, session: Any = None) -> Any:
        """There are no sessions."""
        raise ValueError("Cannot evaluate tensor using `eval()`: there is no session. Return it from the function.")


class SymbolicOp:
    """What made a symbolic tensor, as far as its name."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


def _scalar_text(function: str, wanted: str, instead: str) -> str:
    return (
        f"{function} argument must be {wanted}, not 'SymbolicTensor': it has no value while the function is traced. "
        f"Use {instead}."
    )


def _name(tensor: Any) -> str:
    trace = tensor.home.recorder
    names: dict[Any, str] = trace.memory.get("names", {}).get(id(trace), {})
    if tensor.slot < 0:
        return f"{names.get(tensor.slot, 'args_' + str(~tensor.slot))}:0"
    counts: dict[str, int] = {}
    for node in trace.state.path():
        if not node.outputs:
            continue
        base = _OP_NAMES.get(node.op.name, node.op.name)
        number = counts.get(base, 0)
        counts[base] = number + 1
        if tensor.slot in node.outputs:
            suffix = f"_{number}" if number else ""
            return f"{base}{suffix}:{node.outputs.index(tensor.slot)}"
    return f"Identity:{tensor.slot}"


install_symbolic(SymbolicTensor)
