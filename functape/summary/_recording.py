"""Whether a summary is written, at which step, and how it gets from a function being traced to the file."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from functape._core._convert import convert, is_tensor_like
from functape._core._name_scope import current_scope_prefix, name_scope
from functape._core._symbolic import SymbolicTensor
from functape._engine._trace import is_tracing
from functape.summary._writer import SummaryWriter, state


def get_step() -> Any:
    """The step of summaries that are written without one, or None (`tf.summary.experimental.get_step`)."""
    return state.step


def set_step(step: Any) -> None:
    """Set the step of summaries that are written without one (`tf.summary.experimental.set_step`).

    **Arguments:**
    - `step`: a number, a scalar tensor, or a variable, which is read each time; None for no step.
    """
    state.step = step


def should_record_summaries() -> Any:
    """Whether summaries are written now, a scalar bool tensor (`tf.summary.should_record_summaries`)."""
    if state.writer is None:
        return convert(False)
    return convert(_condition())


def _condition() -> Any:
    condition = state.condition
    return condition() if callable(condition) else condition


@contextlib.contextmanager
def record_if(condition: Any) -> Iterator[None]:
    """Write summaries in a block only on a condition (`tf.summary.record_if`).

    **Arguments:**
    - `condition`: a bool, a scalar bool tensor, or a function without arguments that returns one.
    """
    before = state.condition
    state.condition = condition
    try:
        yield
    finally:
        state.condition = before


@contextlib.contextmanager
def summary_scope(name: str, default_name: str = "summary", values: Any = None) -> Iterator[tuple[str, str]]:
    """A name scope for a summary (`tf.summary.experimental.summary_scope`).

    **Arguments:**
    - `name`: the summary's name.
    - `default_name`: the scope's name if `name` is none for a scope.
    - `values`: accepted for compatibility.

    **Returns:** within the block, the summary's full name and the scope.
    """
    tag = current_scope_prefix() + (name or default_name)
    scope = "".join(each if each.isalnum() or each in "._-/" else "" for each in name or "") or default_name
    with name_scope(scope) as full:
        yield tag, full


def _wanted_step(step: Any) -> Any:
    found = state.step if step is None else step
    if found is None:
        raise ValueError(
            "No step set. Please specify one either through the `step` argument or through "
            "tf.summary.experimental.set_step()"
        )
    return found


def record(make: Callable[..., Any], tensors: list[Any], step: Any) -> Any:
    """Write the summary that a function makes of some tensors' values, now or when the function being traced runs.

    **Arguments:**
    - `make`: from NumPy arrays to a `Summary` message.
    - `tensors`: the tensors.
    - `step`: as given by the user.

    **Returns:** whether it was written, a scalar bool tensor.
    """
    writer = state.writer
    if writer is None:
        return convert(False)
    found, condition = _wanted_step(step), _condition()
    parts = [convert(each) for each in (found, condition, *tensors)]
    if is_tracing() and any(isinstance(each, SymbolicTensor) for each in parts) or is_tracing() and _varies(found):
        return _record_when_run(writer, make, parts)
    if not bool(_value(condition)):
        return convert(False)
    if is_tracing():
        return _record_when_run(writer, make, parts)
    _write(writer, make, _value(found), [each.numpy() for each in parts[2:]])
    return convert(True)


def _varies(value: Any) -> bool:
    from functape._core._variable import Variable

    return isinstance(value, Variable)


def _value(value: Any) -> Any:
    return value.numpy() if is_tensor_like(value) else value


def _write(writer: SummaryWriter, make: Callable[..., Any], step: Any, values: list[Any]) -> None:
    made = make(*values)
    if made is not None:
        writer.write(int(np.asarray(step)), made)


def _record_when_run(writer: SummaryWriter, make: Callable[..., Any], parts: list[Any]) -> Any:
    from functape.function._effects import record_effect

    def act(step: Any, condition: Any, *values: Any) -> None:
        if bool(condition):
            _write(writer, make, step, list(values))

    record_effect(act, parts)
    return parts[1]


def write(tag: str, tensor: Any, step: Any = None, metadata: Any = None, name: str | None = None) -> Any:
    """Write a tensor as it is (`tf.summary.write`).

    **Arguments:**
    - `tag`: its name in TensorBoard.
    - `tensor`: a tensor, or a function without arguments that returns one, called if it is to be written.
    - `step`: its step; by default the one set.
    - `metadata`: a `SummaryMetadata` message, or its bytes.
    - `name`: accepted for compatibility.

    **Returns:** whether it was written, a scalar bool tensor.

    **Raises:** `ValueError` without a step.
    """
    if state.writer is None:
        return convert(False)
    _wanted_step(step)
    given = tensor() if callable(tensor) and not is_tensor_like(tensor) else tensor
    return record(lambda value: summary_of(tag, value, metadata), [given], step)


def write_raw_pb(tensor: Any, step: Any = None, name: str | None = None) -> Any:
    """Write a `Summary` message given as bytes (`tf.summary.experimental.write_raw_pb`).

    **Arguments:**
    - `tensor`: a scalar string tensor.
    - `step`: its step; by default the one set.
    - `name`: accepted for compatibility.

    **Returns:** whether it was written, a scalar bool tensor.
    """

    def parsed(value: Any) -> Any:
        from tensorboardX.proto import summary_pb2

        return summary_pb2.Summary.FromString(value if isinstance(value, bytes) else np.asarray(value).item())

    return record(parsed, [tensor], step)


def summary_of(tag: str, value: Any, metadata: Any) -> Any:
    """The `Summary` message of one array."""
    from tensorboardX.proto import summary_pb2

    found = summary_pb2.Summary.Value(tag=tag, tensor=tensor_message(value))
    if metadata is not None:
        given = metadata if isinstance(metadata, bytes) else metadata.SerializeToString()
        found.metadata.CopyFrom(summary_pb2.SummaryMetadata.FromString(given))
    return summary_pb2.Summary(value=[found])


def tensor_message(value: Any) -> Any:
    """An array as a `TensorProto` message."""
    from tensorboardX.proto import tensor_pb2, tensor_shape_pb2, types_pb2

    array = np.asarray(value, object) if isinstance(value, bytes | str) else np.asarray(value)
    shape = tensor_shape_pb2.TensorShapeProto(
        dim=[tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in array.shape]
    )
    if array.dtype.kind in "OSU":
        texts = [each.encode() if isinstance(each, str) else bytes(each) for each in array.reshape(-1).tolist()]
        return tensor_pb2.TensorProto(dtype=types_pb2.DT_STRING, tensor_shape=shape, string_val=texts)
    kind = getattr(types_pb2, f"DT_{_KINDS.get(array.dtype.name, array.dtype.name.upper())}")
    return tensor_pb2.TensorProto(dtype=kind, tensor_shape=shape, tensor_content=array.tobytes())


_KINDS = {"float16": "HALF", "float32": "FLOAT", "float64": "DOUBLE"}
