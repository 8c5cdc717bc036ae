"""An optimizer's variables as a list, and their values."""

from __future__ import annotations

from typing import Any

import numpy as np

from functape.keras.optimizers._settings import logger


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


def load_values(optimizer: Any, store: Any) -> None:
    """Assign the values of a mapping with the names `"0"`, `"1"`, ... to an optimizer's variables.

    **Arguments:**
    - `optimizer`: the optimizer. If there is one value more than it has variables, it was saved by Keras 3, whose
      second variable is the learning rate.
    - `store`: the mapping. One of another length is left alone, with a warning.
    """
    variables = list(optimizer.variables)
    if len(store.keys()) == len(variables) + 1 and np.shape(store["1"]) == () and optimizer._rate is not None:
        variables.insert(1, optimizer._rate)
    if len(store.keys()) != len(variables):
        logger.warning(
            "The variables of optimizer %r are left as they are: it has %d, and %d were saved. Call "
            "optimizer.build(variables) before loading.",
            optimizer.name,
            len(variables),
            len(store.keys()),
        )
        return
    set_values(optimizer.name, variables, [np.asarray(store[str(place)]) for place in range(len(variables))])
