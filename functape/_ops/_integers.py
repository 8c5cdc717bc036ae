"""Rows of number theory."""

from __future__ import annotations

import jax.numpy as jnp

from functape._engine._op import Op
from functape._ops import _checks as checks

_pair = checks.every(checks.elementwise, checks.integer)

GCD = Op("GreatestCommonDivisor", jnp.gcd, check=_pair, differentiable=False)
LCM = Op("LeastCommonMultiple", jnp.lcm, check=_pair, differentiable=False)
