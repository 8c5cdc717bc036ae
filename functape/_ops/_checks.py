"""Checks of op inputs: each runs once for a new combination of shapes and dtypes, and raises TensorFlow's error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from functape._engine._avals import Aval
from functape._engine._errors import InvalidArgumentError

Check = Callable[..., None]


def same_dtype(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    """All inputs have the dtype of the first."""
    wanted = avals[0].dtype
    for position, each in enumerate(avals):
        if each.dtype is not wanted:
            raise InvalidArgumentError(
                message=f"cannot compute {name} as input #{position}(zero-based) was expected to be a "
                f"{wanted.spoken} tensor but is a {each.dtype.spoken} tensor [Op:{name}]. "
                f"Cast one of them: tf.cast(x, tf.{wanted.name})."
            )


def broadcastable(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
    """The shapes of all inputs broadcast together."""
    try:
        jnp.broadcast_shapes(*(each.shape for each in avals))
    except ValueError:
        shapes = " vs. ".join(str(list(each.shape)).replace(" ", "") for each in avals)
        raise InvalidArgumentError(
            message=f"Incompatible shapes: {shapes} [Op:{name}]. Lengths must be equal or 1 in each dimension."
        ) from None


def dtypes(allowed: Callable[[Any], bool], described: str) -> Check:
    """A check that the dtype of every input is one the op takes."""

    def check(name: str, avals: tuple[Aval, ...], **_: Any) -> None:
        for each in avals:
            if not allowed(each.dtype):
                raise InvalidArgumentError(
                    message=f"Value for attr 'T' of {each.dtype.spoken} is not in the list of allowed values: {name} "
                    f"takes {described} tensors [Op:{name}]. Cast the argument first: tf.cast(x, tf.float32)."
                )

    return check


def every(*checks: Check) -> Check:
    """All of `checks`, in order."""

    def check(name: str, avals: tuple[Aval, ...], **attributes: Any) -> None:
        for each in checks:
            each(name, avals, **attributes)

    return check


elementwise = every(same_dtype, broadcastable)
"""Two or more inputs of one dtype that broadcast."""
numeric = dtypes(lambda dtype: dtype.is_numeric, "numeric")
floating = dtypes(lambda dtype: dtype.is_floating or dtype.is_complex, "floating or complex")
real_floating = dtypes(lambda dtype: dtype.is_floating, "floating")
real = dtypes(lambda dtype: dtype.is_floating or dtype.is_integer, "real numeric")
signed = dtypes(lambda dtype: dtype.is_numeric and not dtype.is_unsigned, "signed numeric")
integer = dtypes(lambda dtype: dtype.is_integer, "integer")
boolean = dtypes(lambda dtype: dtype.is_bool, "bool")
