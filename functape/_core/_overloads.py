"""Python's operators as recording functions.

These are the hot path: each is one function whose whole work, once a place in the program has been seen, is a
look-up in the recorder's trie.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from functape._core._convert import convert
from functape._engine._hot import native
from functape._engine._op import Op
from functape._engine._recorder import Recorder, local, record, record_one
from functape._engine._tensor import BaseTensor
from functape._ops._operators import ADD

Method = Callable[[Any, Any], Any]
_LIKE_NUMBERS = (float, int, bool)


def binary(op: Op, tensor_class: type[BaseTensor], statics: tuple[Any, ...] = ()) -> Method:
    """The method for `self <op> other`; `statics` are the values of the op's attributes."""

    def method(self: Any, other: Any) -> Any:
        recorder = local.recorder
        outputs = recorder.outputs
        try:
            left = self.slot if self.home is outputs else self.enter(recorder)
            right = other.__class__
            if right is not tensor_class and (right is float or right is int or right is bool):
                recorder.inputs.append(other)
            else:
                right = other.slot if other.home is outputs else other.enter(recorder)
            key = (op, statics, left, right)
            recorder.state, aval, slot = recorder.state[key]
        except KeyError:
            return recorder.miss(key, op, statics, (self, other), (left, right))
        except BaseException as error:
            return otherwise(recorder, error, self, other)
        tensor: Any = tensor_class()
        tensor.aval = aval
        tensor.home = outputs
        tensor.slot = slot
        outputs.append(tensor)
        return tensor

    def otherwise(recorder: Recorder, error: BaseException | None, self: Any, other: Any) -> Any:
        if error is None:
            return method(self, other)
        recorder.repair()
        if not isinstance(error, AttributeError):
            raise error
        return _with_converted(op, statics, self, other, False)

    return method if native is None else native.binary(op, statics, otherwise)


def reflected(op: Op, statics: tuple[Any, ...] = ()) -> Method:
    """The method for `other <op> self`, reached when `other` is no tensor; `statics` as for `binary`."""

    def method(self: Any, other: Any) -> Any:
        if other.__class__ in _LIKE_NUMBERS:
            return record(op, statics, (other, self))
        return _with_converted(op, statics, self, other, True)

    return method


def unary(op: Op) -> Callable[[Any], Any]:
    """The method for `<op> self`."""

    def method(self: Any) -> Any:
        return record_one(op, (), self)

    return method


def _with_converted(op: Op, statics: tuple[Any, ...], self: Any, other: Any, swapped: bool) -> Any:
    """Record after converting `other`, which takes the tensor's dtype where it has none of its own."""
    if getattr(other, "__array_priority__", 0) > self.__array_priority__:
        return NotImplemented
    # An addend keeps a dtype of its own, and is then refused by the op.
    wanted = None if op is ADD and not swapped else self.dtype
    converted = convert(other, wanted, hint=self.dtype)
    return record(op, statics, (converted, self) if swapped else (self, converted))
