"""Numbers that stand for lengths which are not known while shapes are worked out.

Each is a small factor times a prime. What an op makes of one tells it apart from real lengths: it is a multiple of such
a prime, also after several halvings, or a number far too large for a length.
"""

from __future__ import annotations

import re
from typing import Any

from functape._engine._compat import is_symbolic
from functape._engine._errors import OpError

PRIMES = (87383, 87793, 88211, 88643, 89051, 89459, 89867, 90271, 90677, 91079)
"""What marks an unknown length, by the axis of the input it belongs to."""

DIVISIBLE_BY = 2**10 * 3
"""Strides that multiply up to a divisor of this leave no remainder, as with a real length that fits a network."""

DIVISORS = (1, 2, 3, 4, 6, 8, 16, 32, 64)
"""Parts of a length that a program is followed in taking."""

STAND_INS = tuple(prime * DIVISIBLE_BY for prime in PRIMES)
"""What stands for an unknown length, by axis; far from each other's neighbours."""

LARGEST_REAL = 2**23
"""Lengths from here on stand for unknown ones."""

NEAR = 2**16
"""How far from a multiple of a stand-in a length is still told to be one."""

_NUMBER = re.compile(r"(?<![\w.])\d{5,}(?!\w|\.\d)")


def is_unknown(length: Any) -> bool:
    """Whether a length was computed from unknown ones."""
    if is_symbolic(length) or length < PRIMES[0]:
        return False
    return length >= LARGEST_REAL or any(length % prime == 0 for prime in PRIMES)


def is_open(length: Any) -> bool:
    """Whether a length is not known yet: it has a stand-in, or is left open while a program is exported."""
    return is_symbolic(length) or is_unknown(abs(int(length)))


def hide_stand_ins(error: BaseException) -> None:
    """Let an error's message have None in the place of lengths that are not known."""
    error.args = tuple(_without(each) if isinstance(each, str) else each for each in error.args)
    if isinstance(error, OpError):
        error.message = _without(error.message)


def _without(text: str) -> str:
    return _NUMBER.sub(lambda found: "None" if _stands_in(int(found[0])) else found[0], text)


def _stands_in(number: int) -> bool:
    """Whether a number in a message is none of the user's own, which may be large too."""
    return is_unknown(number) and (number > STAND_INS[0] // 2 or any(number % prime == 0 for prime in PRIMES))
