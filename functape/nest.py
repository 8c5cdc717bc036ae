"""`tf.nest`: structures of lists, tuples and mappings."""

from __future__ import annotations

from functape._core._structures import assert_same_structure, flatten, is_nested, map_structure, pack_sequence_as
from functape._namespace import lazy

__all__ = ["assert_same_structure", "flatten", "is_nested", "map_structure", "pack_sequence_as"]
__getattr__ = lazy(__name__, {}, lambda: __all__)
