"""An optimizer's variables as a list, and their values."""

from __future__ import annotations

from typing import Any

import numpy as np


class VariableList(list[Any]):
    """A list that may also be called: `optimizer.variables` and `optimizer.variables()` are both in use."""

    def __call__(self) -> VariableList:
        return self


def set_values(optimizer: str, variables: list[Any], values: list[Any]) -> None:
    """Assign a value to each variable.

    **Arguments:**
    - `optimizer`: the name of the optimizer they belong to.
    - `variables`: the variables.
    - `values`: an array for each.

    **Raises:** `ValueError` for another number of arrays, or an array of another shape; nothing is assigned then.
    """
    if len(values) != len(variables):
        raise ValueError(
            f"`set_weights` of {optimizer} needs {len(variables)} arrays, one for each of its variables. Received: "
            f"{len(values)}. Call `build(variables)` first if the optimizer has taken no step yet."
        )
    for variable, value in zip(variables, values, strict=True):
        if np.shape(value) != tuple(variable.shape):
            raise ValueError(
                f"Optimizer variable {variable.name} has shape {variable.shape}. Received an array of shape "
                f"{np.shape(value)}."
            )
    for variable, value in zip(variables, values, strict=True):
        variable.assign(np.asarray(value, variable.dtype.as_numpy_dtype))
