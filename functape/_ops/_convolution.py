"""Rows of the convolutions, with gradients that are quick on a CPU too.

XLA's CPU backend is slow at the gradients of some convolutions. There they are matrix products with what lies under the
window, and a convolution whose filters get a gradient is made from the same products; on other platforms, and where a
convolution is as quick, they are plain convolutions.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.custom_derivatives import SymbolicZero

from functape._engine._avals import Aval, aval
from functape._engine._compat import is_symbolic
from functape._engine._op import Op
from functape._ops import _checks as checks

Padding = str | tuple[tuple[int, int], ...]
"""`"SAME"`, `"VALID"`, or how much to add before and after along each spatial axis."""

NARROW = 24
"""Up to so many channels under a row of the window the whole window is one product; with more a row of it is, which
takes less copying."""
SHIFTED_BYTES = 2**24
"""Up to this size of all the shifted inputs together, which must stay in a processor's cache, products are quicker."""


def spatial_padding(
    padding: Padding, lengths: tuple[int, ...], window: tuple[int, ...], strides: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    """How much a padding adds before and after, along each spatial axis.

    **Arguments:**
    - `padding`: as an attribute of a row.
    - `lengths`, `window`, `strides`: one number for each spatial axis; `window` with its dilation.
    """
    if not isinstance(padding, str):
        return padding
    if padding == "VALID":
        return ((0, 0),) * len(lengths)
    totals = [
        max((-(-length // stride) - 1) * stride + width - length, 0)
        for length, width, stride in zip(lengths, window, strides, strict=True)
    ]
    return tuple((total // 2, total - total // 2) for total in totals)


def dilated(window: tuple[int, ...], dilations: tuple[int, ...]) -> tuple[int, ...]:
    """The lengths that a window with holes spans."""
    return tuple((width - 1) * dilation + 1 for width, dilation in zip(window, dilations, strict=True))


def shifts(
    x: Any,
    window: tuple[int, ...],
    strides: tuple[int, ...],
    pads: tuple[tuple[int, int], ...],
    dilations: tuple[int, ...],
    fill: Any = 0,
) -> Iterator[tuple[tuple[int, ...], Any]]:
    """For each place in the window, what of `x` (channels last) lies there when the window moves over it.

    **Arguments:**
    - `x`: an array `[batch, *lengths, channels]`.
    - `window`, `strides`, `pads`, `dilations`: one entry for each spatial axis.
    - `fill`: what lies outside.

    **Returns:** pairs of a place and an array `[batch, *output lengths, channels]`.
    """
    if any(pair != (0, 0) for pair in pads):
        x = lax.pad(x, jnp.asarray(fill, x.dtype), [(0, 0, 0), *((low, high, 0) for low, high in pads), (0, 0, 0)])
    span = dilated(window, dilations)
    counts = [
        max((length - width) // stride + 1, 0)
        for length, width, stride in zip(x.shape[1:], span, strides, strict=False)
    ]
    for place in itertools.product(*map(range, window)):
        ranges = [
            (at * dilation, at * dilation + (count - 1) * stride + 1) if count else (0, 0)
            for at, dilation, count, stride in zip(place, dilations, counts, strides, strict=True)
        ]
        starts, limits = zip(*ranges, strict=True)
        yield place, lax.slice(x, (0, *starts, 0), (x.shape[0], *limits, x.shape[-1]), (1, *strides, 1))


def _layout(rank: int, channels_first: bool) -> tuple[str, str, str]:
    spatial = "DHW"[3 - rank :]
    data = f"NC{spatial}" if channels_first else f"N{spatial}C"
    return data, f"{spatial}IO", data


def _plain(x: Any, filters: Any, strides: Any, pads: Any, dilations: Any, channels_first: bool) -> Any:
    channels = x.shape[1 if channels_first else -1]
    return lax.conv_general_dilated(
        x,
        filters,
        strides,
        pads,
        rhs_dilation=dilations,
        dimension_numbers=_layout(filters.ndim - 2, channels_first),
        feature_group_count=channels // filters.shape[-2],
    )


def _products(x: Any, filters: Any, strides: Any, pads: Any, dilations: Any, channels_first: bool) -> Any:
    """The same convolution as matrix products of what lies under a row of the window, or under all of it if that is
    narrow, with the filters there."""
    if channels_first:
        x = jnp.moveaxis(x, 1, -1)
    *others, width = filters.shape[:-2]
    ones, none = (1,) * len(others), ((0, 0),) * len(strides)
    # What made the input is computed once, not again for each place in the window.
    x = lax.optimization_barrier(x)
    row = shifts(x, (*ones, width), (*ones, strides[-1]), pads, (*ones, dilations[-1]))
    x = lax.concatenate([part for _, part in row], x.ndim - 1)
    parts = [part for _, part in shifts(x, (*others, 1), (*strides[:-1], 1), none, (*dilations[:-1], 1))]
    *lengths, count = parts[0].shape
    joined = [part.reshape((-1, count)) for part in parts]
    if count <= NARROW:
        joined = [lax.concatenate(joined, 1)]
        count *= len(parts)
    stretches = lax.split(filters.reshape((-1, filters.shape[-1])), [count] * len(joined))
    terms = [columns @ stretch for columns, stretch in zip(joined, stretches, strict=True)]
    total = sum(terms[1:], terms[0]).reshape((*lengths, filters.shape[-1]))
    return jnp.moveaxis(total, -1, 1) if channels_first else total


def _products_pay(x: Any, filters: Any, attributes: tuple[Any, ...]) -> bool:
    """Whether a convolution, and its gradient for the filters, is quicker as matrix products on a CPU."""
    output = jax.eval_shape(lambda x, filters: _plain(x, filters, *attributes), x, filters).shape
    axis = 1 if attributes[-1] else -1
    places, channels = math.prod(filters.shape[:-2]), x.shape[axis]
    if channels != filters.shape[-2] or not places or not channels or any(map(is_symbolic, output)) or 0 in output:
        return False
    return places * math.prod(output) // output[axis] * channels * x.dtype.itemsize <= SHIFTED_BYTES


def _quickest(x: Any, filters: Any, attributes: tuple[Any, ...]) -> Any:
    if not _products_pay(x, filters, attributes):
        return _plain(x, filters, *attributes)
    return lax.platform_dependent(
        x,
        filters,
        cpu=lambda x, filters: _products(x, filters, *attributes),
        default=lambda x, filters: _plain(x, filters, *attributes),
    )


def _input_tangent(x: Any, filters: Any, attributes: tuple[Any, ...]) -> Any:
    """The change of a convolution with its input. Its transpose is as quick as a plain convolution if it skips
    nothing."""
    strides = attributes[0]
    skips = math.prod(filters.shape[:-2]) == 1 or len(strides) == 3 or max(strides) > 1
    return _quickest(x, filters, attributes) if skips else _plain(x, filters, *attributes)


def _with_gradient(attributes: tuple[Any, ...]) -> Any:
    """A convolution of batch, spatial axes and channels, as a function of input and filters."""

    @jax.custom_jvp
    def convolve(x: Any, filters: Any) -> Any:
        return _quickest(x, filters, attributes)

    def rule(primals: Any, tangents: Any) -> Any:
        x, filters = primals
        output = convolve(x, filters)
        terms = []
        if not isinstance(tangents[0], SymbolicZero):
            terms.append(_input_tangent(tangents[0], filters, attributes))
        if not isinstance(tangents[1], SymbolicZero):
            # Made from the same matrices as the output: the compiler makes them once.
            terms.append(_quickest(x, tangents[1], attributes))
        return output, sum(terms[1:], terms[0]) if terms else jnp.zeros_like(output)

    convolve.defjvp(rule, symbolic_zeros=True)
    return convolve


def _spatial(x: Any, channels_first: bool) -> tuple[int, ...]:
    return tuple(x.shape[2:] if channels_first else x.shape[1:-1])


def convolution(
    x: Any,
    filters: Any,
    strides: tuple[int, ...],
    padding: Padding,
    dilations: tuple[int, ...],
    channels_first: bool,
) -> Any:
    """A convolution over one to three axes.

    **Arguments:**
    - `x`: `[..., *lengths, channels]`, or `[..., channels, *lengths]` if `channels_first`.
    - `filters`: `[*window, channels / groups, outputs]`.
    - `strides`, `dilations`: one number for each spatial axis.
    - `padding`: as an attribute of a row.
    - `channels_first`: where the channels are.
    """
    rank = filters.ndim - 2
    leading = x.shape[: -(rank + 1)]
    batched = x if len(leading) == 1 else x.reshape((-1, *x.shape[-(rank + 1) :]))
    span = dilated(filters.shape[:-2], dilations)
    pads = spatial_padding(padding, _spatial(batched, channels_first), span, strides)
    output = _with_gradient((strides, pads, dilations, channels_first))(batched, filters)
    return output if len(leading) == 1 else output.reshape((*leading, *output.shape[1:]))


def depthwise(
    x: Any,
    filters: Any,
    strides: tuple[int, ...],
    padding: Padding,
    dilations: tuple[int, ...],
    channels_first: bool,
) -> Any:
    """A convolution of each channel by itself, with filters `[*window, channels, multiplier]`."""
    channels, multiplier = filters.shape[-2:]
    window = filters.shape[:-2]
    pads = spatial_padding(padding, _spatial(x, channels_first), dilated(window, dilations), strides)

    def grouped(x: Any, filters: Any) -> Any:
        joined = filters.reshape((*window, 1, channels * multiplier))
        return _plain(x, joined, strides, pads, dilations, channels_first)

    def multiplied(x: Any, filters: Any) -> Any:
        x = jnp.moveaxis(x, 1, -1) if channels_first else x
        total: Any = None
        for place, part in shifts(x, window, strides, pads, dilations):
            term = part[..., None] * filters[place]
            total = term if total is None else total + term
        total = total.reshape((*total.shape[:-2], channels * multiplier))
        return jnp.moveaxis(total, -1, 1) if channels_first else total

    return lax.platform_dependent(x, filters, cpu=multiplied, default=grouped)


def convolution_transpose(
    x: Any,
    filters: Any,
    output_spatial: tuple[int, ...],
    strides: tuple[int, ...],
    padding: Padding,
    dilations: tuple[int, ...],
    channels_first: bool,
) -> Any:
    """The transpose of a convolution from `output_spatial` and `filters.shape[-2]` channels to the shape of `x`.

    The arguments are as for `convolution`, but the filters are `[*window, outputs, channels]`.
    """
    span = dilated(filters.shape[:-2], dilations)
    pads = spatial_padding(padding, output_spatial, span, strides)
    channels = (x.shape[1 if channels_first else -1] // filters.shape[-1]) * filters.shape[-2]
    shape = (x.shape[0], channels, *output_spatial) if channels_first else (x.shape[0], *output_spatial, channels)
    attributes = (strides, pads, dilations, channels_first)

    def forward(output: Any) -> Any:
        return _plain(output, filters, *attributes)

    return jax.linear_transpose(forward, jax.ShapeDtypeStruct(shape, x.dtype))(x)[0]


_DTYPES = checks.dtypes(
    lambda dtype: dtype.name in ("float16", "bfloat16", "float32", "float64", "int32"), "floating or int32"
)


def refuse(name: str, message: str) -> None:
    """Raise an `InvalidArgumentError` in TensorFlow's form."""
    raise checks.InvalidArgumentError(message=f"{message} [Op:{name}]")


def check_moving(
    name: str,
    lengths: tuple[int, ...],
    window: tuple[int, ...],
    strides: tuple[int, ...],
    padding: Padding,
    dilations: tuple[int, ...],
) -> None:
    """The attributes of a window that moves over spatial axes fit."""
    if min(strides, default=1) < 1:
        refuse(name, f"Strides should be larger than 0. Received: strides={strides}")
    if min(dilations, default=1) < 1:
        refuse(name, f"Dilations should be larger than 0. Received: dilations={dilations}")
    if min(window, default=1) < 1:
        refuse(name, f"Sliding window lengths must be positive. Received: {window}")
    pads = spatial_padding(padding, lengths, dilated(window, dilations), strides)
    for length, span, stride, (low, high) in zip(lengths, dilated(window, dilations), strides, pads, strict=True):
        # As TensorFlow counts: a window that is a little too long makes an empty output.
        if length + low + high - span + stride <= -stride:
            refuse(
                name,
                f"Computed output size would be negative: an input of {length} with padding {(low, high)} is shorter "
                f"than the window of {span}.",
            )


def _lengths(x: Aval, rank: int, channels_first: bool) -> tuple[int, ...]:
    return x.shape[-rank:] if channels_first else x.shape[-rank - 1 : -1]


def _check(
    name: str,
    avals: tuple[Aval, ...],
    strides: tuple[int, ...],
    padding: Padding,
    dilations: tuple[int, ...],
    channels_first: bool,
    **_: Any,
) -> None:
    checks.same_dtype(name, avals)
    _DTYPES(name, avals)
    x, filters = avals[:2]
    rank = len(strides)
    if filters.ndim != rank + 2:
        refuse(name, f"filter must be {rank + 2}-dimensional: {list(filters.shape)}")
    if x.ndim < rank + 2:
        refuse(name, f"convolution input must be {rank + 2}-dimensional: {list(x.shape)}")
    channels, taken = x.shape[-rank - 1 if channels_first else -1], filters.shape[-2]
    if not taken or channels % taken:
        refuse(name, f"input depth must be evenly divisible by filter depth: {channels} vs {taken}")
    if filters.shape[-1] % (channels // taken or 1):
        refuse(name, f"{filters.shape[-1]} filters cannot be dealt out to {channels // taken} groups of channels")
    check_moving(name, _lengths(x, rank, channels_first), filters.shape[:-2], strides, padding, dilations)


def _check_depthwise(
    name: str,
    avals: tuple[Aval, ...],
    strides: tuple[int, ...],
    padding: Padding,
    dilations: tuple[int, ...],
    channels_first: bool,
    **_: Any,
) -> None:
    checks.same_dtype(name, avals)
    _DTYPES(name, avals)
    x, filters = avals[:2]
    rank = len(strides)
    if filters.ndim != rank + 2 or x.ndim != rank + 2:
        refuse(name, f"input and filter must be {rank + 2}-dimensional: {list(x.shape)}, {list(filters.shape)}")
    channels = x.shape[1 if channels_first else -1]
    if channels != filters.shape[-2]:
        refuse(name, f"input and filter must have the same depth: {channels} vs {filters.shape[-2]}")
    check_moving(name, _lengths(x, rank, channels_first), filters.shape[:-2], strides, padding, dilations)


def _check_transpose(
    name: str,
    avals: tuple[Aval, ...],
    output_spatial: tuple[int, ...],
    strides: tuple[int, ...],
    padding: Padding,
    dilations: tuple[int, ...],
    channels_first: bool,
    **_: Any,
) -> None:
    checks.same_dtype(name, avals)
    _DTYPES(name, avals)
    x, filters = avals[:2]
    rank = len(strides)
    if filters.ndim != rank + 2 or x.ndim != rank + 2:
        refuse(name, f"input and filter must be {rank + 2}-dimensional: {list(x.shape)}, {list(filters.shape)}")
    channels = x.shape[1 if channels_first else -1]
    if not filters.shape[-1] or channels % filters.shape[-1]:
        refuse(name, f"input depth {channels} does not fit the filters' {filters.shape[-1]}")
    check_moving(name, output_spatial, filters.shape[:-2], strides, padding, dilations)
    span = dilated(filters.shape[:-2], dilations)
    pads = spatial_padding(padding, output_spatial, span, strides)
    for length, wanted, width, stride, (low, high) in zip(
        _lengths(x, rank, channels_first), output_spatial, span, strides, pads, strict=True
    ):
        made = (wanted + low + high - width) // stride + 1
        if made != length:
            refuse(name, f"Size of out_backprop doesn't match computed: actual = {length}, computed = {made}")


_MOVING = ("strides", "padding", "dilations", "channels_first")

CONVOLUTION = Op("Convolution", convolution, _MOVING, check=_check)
"""`(x, filters)`."""
CONVOLUTION_TRANSPOSE = Op(
    "ConvolutionTranspose", convolution_transpose, ("output_spatial", *_MOVING), check=_check_transpose
)
"""`(x, filters)`, the filters as those of the convolution it transposes."""
DEPTHWISE = Op("DepthwiseConvolution", depthwise, _MOVING, check=_check_depthwise)
"""`(x, filters)`."""


def _backprop(function: Any, varies_input: bool) -> Any:
    """The gradient of a convolution for its input or its filters."""

    def apply(known: Any, gradient: Any, shape: tuple[int, ...], **attributes: Any) -> Any:
        def forward(sought: Any) -> Any:
            return function(sought, known, **attributes) if varies_input else function(known, sought, **attributes)

        return jax.linear_transpose(forward, jax.ShapeDtypeStruct(shape, gradient.dtype))(gradient)[0]

    return apply


def _check_backprop(row: Op, varies_input: bool) -> Any:
    def check(name: str, avals: tuple[Aval, ...], shape: tuple[int, ...], **attributes: Any) -> None:
        checks.same_dtype(name, avals)
        known, gradient = avals
        if len(shape) != 4:
            refuse(name, f"A shape of 4 lengths is needed. Received: {list(shape)}")
        sought = aval(shape, gradient.dtype)
        x, filters = (sought, known) if varies_input else (known, sought)
        made = row.infer(tuple(attributes[each] for each in _MOVING), (x, filters))[0].shape
        if made != gradient.shape:
            refuse(name, f"The gradient must have the shape {list(made)}. Received: {list(gradient.shape)}")

    return check


def _backprop_row(name: str, row: Op, function: Any, varies_input: bool) -> Op:
    """The row of a gradient; it takes the filters or the input, then the gradient, and `shape` is the other's."""
    return Op(name, _backprop(function, varies_input), ("shape", *_MOVING), check=_check_backprop(row, varies_input))


CONVOLUTION_BACKPROP_INPUT = _backprop_row("Conv2DBackpropInput", CONVOLUTION, convolution, True)
CONVOLUTION_BACKPROP_FILTER = _backprop_row("Conv2DBackpropFilter", CONVOLUTION, convolution, False)
DEPTHWISE_BACKPROP_INPUT = _backprop_row("DepthwiseConv2dNativeBackpropInput", DEPTHWISE, depthwise, True)
DEPTHWISE_BACKPROP_FILTER = _backprop_row("DepthwiseConv2dNativeBackpropFilter", DEPTHWISE, depthwise, False)
