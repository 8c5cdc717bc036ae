"""The layer that an op on symbolic tensors becomes."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape._core._convert import convert
from functape._core._known import read
from functape._engine._op import Op, registry
from functape._engine._recorder import record, record_multiple
from functape._engine._stand_ins import STAND_INS
from functape.keras._naming import to_snake_case
from functape.keras._symbolic import KerasTensor
from functape.keras._symbolic_lengths import Lengths, has_unknown, lengths_of, restore
from functape.keras.layers._layer import Layer
from functape.keras.layers.core._function_layer import name_of_op


class TFOpLambda(Layer):
    """An op of a functional model (Keras 2's `TFOpLambda`).

    **Arguments:**
    - `op`: the op's name.
    - `statics`: its attributes' values.
    - `places`: for each input, None for a symbolic one, else the constant.
    """

    def __init__(self, op: str, statics: Any = (), places: Any = (), **kwargs: Any) -> None:
        if kwargs.get("name") is None:
            kwargs["name"] = name_of_op(to_snake_case(op))
        super().__init__(**kwargs)
        self.built = True
        self.autocast = False
        self.op: Op = registry[op]
        self.__dict__["statics"], self.__dict__["places"] = statics, places
        same = {length: length for length in STAND_INS}
        self._moves = has_unknown(statics) or any(map(has_unknown, places))
        if self._moves:
            restore((statics, places), same)

    @classmethod
    def for_op(cls, op: Op, statics: tuple[Any, ...], args: tuple[Any, ...]) -> TFOpLambda:
        """The layer for an op recorded with some arguments."""
        places = tuple(None if isinstance(arg, KerasTensor) else _constant(arg) for arg in args)
        return cls(op.name, statics, places)

    def call(self, *tensors: Any, lengths: Lengths | None = None) -> Any:
        """Record the op."""
        statics, places = self.__dict__["statics"], self.__dict__["places"]
        if self._moves and self._inbound_nodes:
            known = {**(lengths or {}), **lengths_of(self._inbound_nodes[0].input_tensors, list(tensors))}
            statics, places = restore(statics, known), restore(places, known)
        remaining = iter(tensors)
        args = tuple(
            next(remaining) if place is None else convert(place) if isinstance(place, np.ndarray) else place
            for place in places
        )
        return (record_multiple if self.op.multiple else record)(self.op, statics, args)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: what an op does to masks is not known."""
        return None

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {
            "name": self.name,
            "op": self.op.name,
            "statics": _plain(self.__dict__["statics"]),
            "places": _plain(self.__dict__["places"]),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> TFOpLambda:
        """The layer that `get_config` described."""
        places = tuple(_unplain(each) for each in config["places"])
        return cls(config["op"], _unplain(config["statics"]), places, name=config["name"])


def _constant(arg: Any) -> Any:
    """An argument that is no symbolic tensor: a small integer tensor as an array, in which lengths can be found."""
    if hasattr(arg, "aval") and not hasattr(arg, "tensor") and arg.aval.dtype.is_integer and arg.aval.size <= 64:
        return np.array(read(arg))
    return arg


def _plain(value: Any) -> Any:
    """A static value as JSON holds it."""
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    if isinstance(value, type | np.dtype):
        return {"dtype": np.dtype(value).name}
    if isinstance(value, np.ndarray):
        return {"array": value.tolist(), "dtype": value.dtype.name}
    if hasattr(value, "numpy"):
        return {"array": np.asarray(value.numpy()).tolist(), "dtype": value.dtype.name}
    return value


def _unplain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_unplain(each) for each in value)
    if isinstance(value, dict):
        from functape._engine._dtypes import as_dtype

        dtype = as_dtype(value["dtype"]).as_numpy_dtype
        return np.array(value["array"], dtype) if "array" in value else dtype
    return value
