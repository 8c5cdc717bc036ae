"""Checks of the shapes of labels and predictions; each raises TensorFlow's error."""

from __future__ import annotations

import warnings
from typing import Any

import jax.numpy as jnp

from functape._engine._avals import Aval
from functape._engine._errors import InvalidArgumentError


def broadcasts(name: str, output: Aval, target: Aval, **attributes: Any) -> None:
    """The shapes broadcast together."""
    try:
        jnp.broadcast_shapes(target.shape, output.shape)
    except ValueError:
        raise InvalidArgumentError(
            message=f"Incompatible shapes: {list(target.shape)} vs. {list(output.shape)} of y_true and y_pred "
            f"[Op:{name}]"
        ) from None


def last_axis(name: str, output: Aval, target: Aval, **attributes: Any) -> None:
    """The shapes broadcast together, and there is an axis to take the mean over."""
    if not target.shape and not output.shape:
        raise InvalidArgumentError(
            message=f"Invalid reduction dimension (-1 for input with 0 dimension(s) [Op:{name}]. The mean is over the "
            f"last axis: give y_true and y_pred at least one, or use tf.reduce_mean(tf.square(y_true - y_pred))."
        )
    broadcasts(name, output, target)


def broadcasts_along(name: str, output: Aval, target: Aval, axis: Any, **attributes: Any) -> None:
    """The shapes broadcast together, and there is the axis."""
    broadcasts(name, output, target)
    axis_exists(name, output, axis)


def axis_exists(name: str, output: Aval, axis: Any) -> None:
    """There is the axis, or each of several."""
    for each in axis if isinstance(axis, tuple) else (axis,):
        if each is not None and not -output.ndim <= each < output.ndim:
            raise InvalidArgumentError(
                message=f"Invalid reduction dimension ({each} for input with {output.ndim} dimension(s) [Op:{name}]. "
                f"Received: axis={axis}"
            )


def same_shape(name: str, output: Aval, target: Aval, axis: Any, **attributes: Any) -> None:
    """The shapes are equal."""
    if target.shape != output.shape:
        kind = "shape" if target.ndim == output.ndim else "rank"
        raise ValueError(
            f"y_true and y_pred must have the same {kind}. Received: y_true.shape={target.shape}, "
            f"y_pred.shape={output.shape}"
        )
    axis_exists(name, output, axis)


def several_classes(name: str, output: Aval, target: Aval, axis: Any, **attributes: Any) -> None:
    """As `same_shape`; warns if there is only one class."""
    same_shape(name, output, target, axis)
    _warn_of_one_class(output)


def broadcasting_classes(name: str, output: Aval, target: Aval, axis: Any, **attributes: Any) -> None:
    """As `broadcasts_along`; warns if there is only one class."""
    broadcasts_along(name, output, target, axis)
    _warn_of_one_class(output)


def _warn_of_one_class(output: Aval) -> None:
    if output.shape and output.shape[-1] == 1:
        warnings.warn(
            f"A categorical cross-entropy needs more than one class. Received: y_pred.shape={output.shape}. Use "
            "'binary_crossentropy' for two classes with one probability.",
            SyntaxWarning,
            stacklevel=2,
        )


def classes(name: str, output: Aval, target: Aval, axis: int, **attributes: Any) -> None:
    """The target has the output's shape without its classes, or with one in their place."""
    if not output.shape:
        raise ValueError(f"y_pred must have at least one axis. Received: y_pred.shape={output.shape}")
    axis_exists(name, output, axis)
    rest = tuple(length for place, length in enumerate(output.shape) if place != axis % output.ndim)
    given = target.shape[:-1] if target.ndim == output.ndim and target.shape[-1] == 1 else target.shape
    if given != rest:
        raise ValueError(
            f"y_true must have the shape of y_pred without its classes. Received: y_true.shape={target.shape}, "
            f"y_pred.shape={output.shape}"
        )


def sequences(name: str, output: Aval, target: Aval, **attributes: Any) -> None:
    """Label sequences `[batch, length]` and logits `[batch, steps, classes]`."""
    if target.ndim != 2:
        raise ValueError(
            "Targets `y_true` are expected to be a tensor of shape `(batch_size, max_length)` in integer format. "
            f"Received: y_true.shape={target.shape}"
        )
    if output.ndim != 3:
        raise ValueError(
            "Logits `y_pred` are expected to be a tensor of shape `(batch_size, max_length, num_classes)`. "
            f"Received: y_pred.shape={output.shape}"
        )
