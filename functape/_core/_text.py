"""String tensors: held on the host, never differentiated."""

from __future__ import annotations

from typing import Any

import numpy as np


def as_bytes_array(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """An object array of `bytes`, text encoded as UTF-8.

    **Raises:** `ValueError` if an element is neither text nor bytes.
    """
    result = np.empty(array.shape, object)
    for index, each in np.ndenumerate(array):
        if isinstance(each, str):
            result[index] = each.encode()
        elif isinstance(each, bytes):
            result[index] = bytes(each)
        else:
            raise ValueError("Can't convert Python sequence with mixed types to Tensor.")
    return result
