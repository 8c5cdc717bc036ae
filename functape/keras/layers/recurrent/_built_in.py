"""What the layers of built-in cells have in common: they are made of their cell's arguments."""

from __future__ import annotations

from typing import Any

from functape.keras import regularizers
from functape.keras.layers._layer_specs import InputSpec
from functape.keras.layers.recurrent._cell import told
from functape.keras.layers.recurrent._rnn import RNN

LAYER_ARGUMENTS = """    - `activity_regularizer`: a function from the outputs to a loss.
    - `return_sequences`, `return_state`, `go_backwards`, `stateful`, `unroll`: as for `RNN`.
"""
_OF_LAYER = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll")


class BuiltIn(RNN):
    """The base of the layers of built-in cells.

    **Arguments:**
    - `cell_class`, `cell_name`: of the cell.
    - `given`: the constructor's arguments by name.
    - `kwargs`: those of `RNN` and `Layer`, and `implementation`.
    """

    _casts_integers = True
    _steps_rank = 3
    _of_cell: tuple[str, ...] = ()
    """The arguments that the cell has."""

    def __init__(self, cell_class: Any, cell_name: str, given: dict[str, Any], kwargs: dict[str, Any]) -> None:
        use_cudnn = given.pop("use_cudnn", "auto")
        of_layer = {name: given.pop(name) for name in _OF_LAYER if name in given}
        activity_regularizer = given.pop("activity_regularizer")
        implementation = kwargs.pop("implementation", None)
        if implementation is not None:
            given["implementation"] = implementation
        self.__dict__["_of_cell"] = tuple(name for name in given if name not in ("rank", "implementation"))
        cell = cell_class(
            **given, dtype=kwargs.get("dtype"), trainable=kwargs.get("trainable", True), name=cell_name
        )  # fmt: skip
        super().__init__(cell, **of_layer, activity_regularizer=activity_regularizer, **kwargs)
        self.input_spec = InputSpec(ndim=self._steps_rank)
        if use_cudnn not in ("auto", True, False):
            raise ValueError(
                "Invalid valid received for argument `use_cudnn`. Expected one of {'auto', True, False}. "
                f"Received: use_cudnn={use_cudnn}"
            )
        self.use_cudnn = use_cudnn

    def __getattr__(self, name: str) -> Any:
        state = object.__getattribute__(self, "__dict__")
        if name in state.get("_of_cell", ()) and "cell" in state:
            return getattr(state["cell"], name)
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        config = super().get_config()
        del config["cell"]
        of_cell = {name: told(name, getattr(self.cell, name)) for name in self._of_cell}
        return {**config, **of_cell, "activity_regularizer": regularizers.serialize(self.activity_regularizer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """The layer that `get_config` described."""
        return cls(**config)
