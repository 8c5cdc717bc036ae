"""Rows that take what lies in a moving window as channels."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from functape._engine._avals import Aval
from functape._engine._op import Op
from functape._ops import _checks as checks
from functape._ops._convolution import Padding, check_moving, refuse, shifts, spatial_padding


def _patches(x: Any, window: tuple[int, ...], strides: tuple[int, ...], padding: Padding) -> Any:
    pads = spatial_padding(padding, x.shape[1:-1], window, strides)
    parts = [part for _, part in shifts(x, window, strides, pads, (1,) * len(window))]
    return jnp.concatenate(parts, -1)


def _check(name: str, avals: tuple[Aval, ...], window: tuple[int, ...], strides: tuple[int, ...], padding: Any) -> None:
    checks.real(name, avals)
    (x,) = avals
    if x.ndim != len(window) + 2:
        refuse(name, f"input must be {len(window) + 2}-dimensional: {list(x.shape)}")
    check_moving(name, x.shape[1:-1], window, strides, padding, (1,) * len(window))


VOLUME_PATCHES = Op("ExtractVolumePatches", _patches, ("window", "strides", "padding"), check=_check)
