"""What derivatives of unconnected values are."""

from __future__ import annotations

import enum


class UnconnectedGradients(enum.Enum):
    """What `gradient` returns for a source that the target does not depend on (`tf.UnconnectedGradients`)."""

    NONE = "none"
    """None."""
    ZERO = "zero"
    """Zeros of the source's shape and dtype."""
