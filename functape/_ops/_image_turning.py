"""The row of square images turned by a number of right angles that is not known beforehand."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
from jax import lax

from functape._engine._op import Op


def _turned(images: Any, number: Any) -> Any:
    height, width = images.ndim - 3, images.ndim - 2
    turns = [lambda images, times=times: jnp.rot90(images, times, (height, width)) for times in range(4)]
    return lax.switch(number, turns, images)


TURN = Op("Rotate90", _turned, unconnected=(1,))
"""`(images [..., n, n, channels], number)`: `number` right angles, 0 to 3, anticlockwise."""
