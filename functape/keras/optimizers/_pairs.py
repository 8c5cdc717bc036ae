"""What users pass as gradients and variables, in order."""

from __future__ import annotations

from typing import Any

from functape._core._convert import convert, is_tensor_like
from functape._core._nest import flatten
from functape._core._slices import IndexedSlices
from functape._core._variable import UnreadVariable, Variable
from functape.autodiff import GradientTape
from functape.keras.optimizers._settings import logger


def split_pairs(pairs: list[Any]) -> tuple[list[Any], list[Variable]]:
    """Gradients and variables.

    **Raises:** `TypeError` unless each pair is `(gradient, variable)`.
    """
    gradients, variables = [], []
    for place, pair in enumerate(pairs):
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise TypeError(
                "`apply_gradients` takes pairs (gradient, variable): pass zip(gradients, variables). "
                f"Received at place {place}: {pair!r}"
            )
        gradient, variable = pair
        if isinstance(variable, UnreadVariable):
            variable = variable._assigned
        if not isinstance(variable, Variable):
            raise TypeError(
                "`apply_gradients` updates variables: each pair is (gradient, variable), in this order. "
                f"Received at place {place}, instead of a tf.Variable: {variable!r}"
            )
        gradients.append(_dense(gradient, variable))
        variables.append(variable)
    return gradients, variables


def _dense(gradient: Any, variable: Variable) -> Any:
    if gradient is None:
        return None
    if isinstance(gradient, IndexedSlices):
        shape = tuple(variable.shape)
        return convert(IndexedSlices(gradient.values, gradient.indices, shape))
    return convert(gradient, hint=variable.dtype)


def without_none(gradients: list[Any], variables: list[Variable]) -> tuple[list[Any], list[Variable]]:
    """The pairs that have a gradient; says so if some have none.

    **Raises:** `ValueError` if none has.
    """
    present = [place for place, gradient in enumerate(gradients) if gradient is not None]
    names = [variable.name for variable, gradient in zip(variables, gradients, strict=True) if gradient is None]
    if not present:
        raise ValueError(
            f"No gradients provided for any variable: {names}. Compute the loss from these variables inside the tape's "
            "block, with TensorFlow's ops only."
        )
    if names:
        logger.warning(
            "Gradients do not exist for variables %s when minimizing the loss: they stay as they are. Does the loss "
            "depend on them?",
            names,
        )
    return [gradients[place] for place in present], [variables[place] for place in present]


def once_each(gradients: list[Any], variables: list[Variable]) -> list[tuple[Any, Variable]]:
    """Take second and later pairs of the same variable out of the lists, and return them."""
    seen: set[int] = set()
    again: list[tuple[Any, Variable]] = []
    kept_gradients, kept_variables = [], []
    for gradient, variable in zip(gradients, variables, strict=True):
        if id(variable) in seen:
            again.append((gradient, variable))
        else:
            seen.add(id(variable))
            kept_gradients.append(gradient)
            kept_variables.append(variable)
    gradients[:], variables[:] = kept_gradients, kept_variables
    return again


def gradient_pairs(loss: Any, var_list: Any, tape: Any, grad_loss: Any) -> list[tuple[Any, Variable]]:
    """The gradients of a loss with the variables they belong to; the arguments are those of `Optimizer.minimize`.

    **Raises:** `ValueError` for a loss that is a tensor without the tape that recorded it.
    """
    if callable(loss) and not is_tensor_like(loss):
        tape = GradientTape() if tape is None else tape
        given = is_tensor_like(var_list) or not callable(var_list)
        with tape:
            if given:
                tape.watch(var_list)
            loss = loss()
            var_list = var_list if given else var_list()
    elif tape is None:
        raise ValueError(
            f"`tape` is required when a `Tensor` loss is passed. Received: loss={loss!r}, tape=None. "
            "Pass the tape that recorded the loss, or a function that computes it."
        )
    variables = flatten(var_list)
    return list(zip(tape.gradient(loss, variables, grad_loss), variables, strict=True))
