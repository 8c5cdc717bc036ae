"""Rows of the ops behind Python's operators on tensors."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._derivatives import with_partials

numeric_pair = checks.every(checks.elementwise, checks.numeric)
real_pair = checks.every(checks.elementwise, checks.real)


_numeric_or_bool = checks.dtypes(lambda dtype: dtype.is_numeric or dtype.is_bool, "numeric and bool")


def check_divide(name: str, avals: tuple[Aval, ...]) -> None:
    """Two numeric inputs of one dtype that broadcast; a wrong dtype is a `TypeError` here."""
    x, y = (each.dtype for each in avals)
    if x is not y:
        raise TypeError(
            f"`x` and `y` must have the same dtype, got {x!r} != {y!r} [Op:{name}]. "
            f"Cast one of them: tf.cast(x, {y!r})."
        )
    if not x.is_numeric:
        raise TypeError(f"Invalid dtype {x!r} in __truediv__ [Op:{name}]. Expected a numeric dtype.")
    checks.broadcastable(name, avals)


def as_floating(x: Any, y: Any) -> tuple[Any, Any]:
    """Two arrays of one dtype as division takes them: integers as float32 or, from 32 bits on, float64."""
    if jnp.issubdtype(x.dtype, jnp.integer):
        dtype = jnp.float32 if x.dtype.itemsize <= 2 else jnp.float64
        return x.astype(dtype), y.astype(dtype)
    return x, y


def _real_divide(x: Any, y: Any) -> Any:
    return jnp.true_divide(*as_floating(x, y))


def _floor_divide(x: Any, y: Any) -> Any:
    return jnp.floor_divide(x, y) if jnp.issubdtype(x.dtype, jnp.integer) else jnp.floor(x / y)


_floor_mod = with_partials(
    jnp.mod,
    lambda output, x, y: jnp.ones((), x.dtype),
    lambda output, x, y: -jnp.floor(x / y),
)


def _safe_log(x: Any) -> Any:
    """The logarithm, taken as 0 where there is none."""
    known = x != 0 if jnp.issubdtype(x.dtype, jnp.complexfloating) else x > 0
    return jnp.where(known, jnp.log(jnp.where(known, x, jnp.ones((), x.dtype))), jnp.zeros((), x.dtype))


_power: Any = with_partials(
    jnp.power,
    # y x^(y-1) without a special case at 0, as in TensorFlow.
    lambda output, x, y: y * _power(x, y - jnp.ones((), y.dtype)),
    lambda output, x, y: output * _safe_log(x),
)


@jax.custom_jvp
def _absolute(x: Any) -> Any:
    return jnp.abs(x)


@_absolute.defjvp
def _absolute_jvp(primals: Any, tangents: Any) -> Any:
    (x,), (tangent,) = primals, tangents
    if jnp.issubdtype(x.dtype, jnp.complexfloating):
        size = jnp.abs(x)
        unit = jnp.where(size == 0, 0, x / jnp.where(size == 0, 1, size))
        return size, jnp.real(jnp.conj(unit) * tangent)
    return jnp.abs(x), jnp.sign(x) * tangent


def _matmul(a: Any, b: Any, transpose_a: bool, transpose_b: bool, adjoint_a: bool, adjoint_b: bool) -> Any:
    if transpose_a or adjoint_a:
        a = jnp.swapaxes(a, -1, -2)
    if transpose_b or adjoint_b:
        b = jnp.swapaxes(b, -1, -2)
    if adjoint_a:
        a = jnp.conj(a)
    if adjoint_b:
        b = jnp.conj(b)
    return jnp.matmul(a, b)


def _check_matmul(name: str, avals: tuple[Aval, ...], **attributes: bool) -> None:
    checks.same_dtype(name, avals)
    checks.numeric(name, avals)
    for position, each in enumerate(avals):
        if each.ndim < 2:
            raise checks.InvalidArgumentError(
                message=f"In[{position}] ndims must be >= 2: {each.ndim} [Op:{name}]. "
                f"Received a tensor of shape {each.shape}; for a vector use tf.linalg.matvec or x[:, tf.newaxis]."
            )
    a, b = (each.shape for each in avals)
    inner_a = a[-2] if attributes["transpose_a"] or attributes["adjoint_a"] else a[-1]
    inner_b = b[-1] if attributes["transpose_b"] or attributes["adjoint_b"] else b[-2]
    if inner_a != inner_b:
        raise checks.InvalidArgumentError(
            message=f"Matrix size-incompatible: In[0]: {list(a)}, In[1]: {list(b)} [Op:{name}]. "
            f"The inner lengths are {inner_a} and {inner_b}."
        )
    try:
        jnp.broadcast_shapes(a[:-2], b[:-2])
    except ValueError:
        raise checks.InvalidArgumentError(
            message=f"In[0] and In[1] must have compatible batch dimensions: {list(a)} vs. {list(b)} [Op:{name}]"
        ) from None


def _comparison(compare: Any, unlike: bool) -> Any:
    """Equality, which answers once for tensors whose shapes do not broadcast."""

    def function(x: Any, y: Any) -> Any:
        try:
            jnp.broadcast_shapes(x.shape, y.shape)
        except ValueError:
            return jnp.full((), unlike)
        return compare(x, y)

    return function


def _slice(x: Any, starts: Any, spec: tuple[Any, ...]) -> Any:
    """Basic indexing. `spec` has an entry a dimension: see `_indexing`."""
    sizes, strides, reverse, shape, which = spec
    zero = jnp.zeros((), starts.dtype)
    begin = [zero if place is None else starts[place] for place in which]
    result = lax.dynamic_slice(x, begin, sizes) if which != (None,) * x.ndim else x
    if any(stride != 1 for stride in strides):
        result = lax.slice(result, (0,) * x.ndim, sizes, strides)
    if reverse:
        result = lax.rev(result, reverse)
    return result.reshape(shape)


ADD = Op("AddV2", jnp.add, check=numeric_pair)
SUBTRACT = Op("Sub", jnp.subtract, check=numeric_pair)
MULTIPLY = Op("Mul", jnp.multiply, check=checks.every(checks.elementwise, _numeric_or_bool))
REAL_DIVIDE = Op("RealDiv", _real_divide, check=check_divide)
FLOOR_DIVIDE = Op("FloorDiv", _floor_divide, check=real_pair, differentiable=False)
FLOOR_MOD = Op("FloorMod", _floor_mod, check=real_pair)
POWER = Op("Pow", _power, check=numeric_pair)
SQUARE = Op("Square", jnp.square, check=checks.numeric)
MATMUL = Op("MatMul", _matmul, ("transpose_a", "transpose_b", "adjoint_a", "adjoint_b"), check=_check_matmul)
NEGATIVE = Op("Neg", jnp.negative, check=checks.signed)
ABSOLUTE = Op("Abs", _absolute, check=checks.signed)
LOGICAL_NOT = Op("LogicalNot", jnp.logical_not, check=checks.boolean, differentiable=False)
INVERT = Op("Invert", jnp.bitwise_not, check=checks.integer, differentiable=False)
LOGICAL_AND = Op(
    "LogicalAnd", jnp.logical_and, check=checks.every(checks.elementwise, checks.boolean), differentiable=False
)
LOGICAL_OR = Op(
    "LogicalOr", jnp.logical_or, check=checks.every(checks.elementwise, checks.boolean), differentiable=False
)
LOGICAL_XOR = Op(
    "LogicalXor", jnp.logical_xor, check=checks.every(checks.elementwise, checks.boolean), differentiable=False
)
BITWISE_AND = Op(
    "BitwiseAnd", jnp.bitwise_and, check=checks.every(checks.elementwise, checks.integer), differentiable=False
)
BITWISE_OR = Op(
    "BitwiseOr", jnp.bitwise_or, check=checks.every(checks.elementwise, checks.integer), differentiable=False
)
BITWISE_XOR = Op(
    "BitwiseXor", jnp.bitwise_xor, check=checks.every(checks.elementwise, checks.integer), differentiable=False
)
LESS = Op("Less", jnp.less, check=real_pair, differentiable=False)
LESS_EQUAL = Op("LessEqual", jnp.less_equal, check=real_pair, differentiable=False)
GREATER = Op("Greater", jnp.greater, check=real_pair, differentiable=False)
GREATER_EQUAL = Op("GreaterEqual", jnp.greater_equal, check=real_pair, differentiable=False)
BROADCAST_EQUAL = Op("BroadcastEqual", jnp.equal, check=checks.elementwise, differentiable=False)
"""`tf.equal`, for which shapes that do not broadcast are an error."""
BROADCAST_NOT_EQUAL = Op("BroadcastNotEqual", jnp.not_equal, check=checks.elementwise, differentiable=False)
EQUAL = Op("Equal", _comparison(jnp.equal, False), check=checks.same_dtype, differentiable=False)
NOT_EQUAL = Op("NotEqual", _comparison(jnp.not_equal, True), check=checks.same_dtype, differentiable=False)
SLICE = Op("StridedSlice", _slice, ("spec",), unconnected=(1,))
IDENTITY = Op("Identity", lambda x: x, passes=True)
STOP_GRADIENT = Op("StopGradient", lambda x: x, differentiable=False)
CAST = Op(
    "Cast",
    lambda x, dtype: jnp.real(x).astype(dtype) if _drops_imaginary(x, dtype) else x.astype(dtype),
    ("dtype",),
)
PACK = Op("Pack", lambda *values, axis: jnp.stack(values, axis), ("axis",), check=checks.same_dtype)


def _drops_imaginary(x: Any, dtype: Any) -> bool:
    return jnp.issubdtype(x.dtype, jnp.complexfloating) and not jnp.issubdtype(dtype, jnp.complexfloating)
