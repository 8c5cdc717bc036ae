"""`tf.random.experimental`: names that have other places as well."""

from __future__ import annotations

from functape._api._distributions import fold_in as stateless_fold_in
from functape._api._distributions import index_shuffle, stateless_shuffle
from functape._api._distributions import split as stateless_split
from functape._api._generator import (
    Algorithm,
    Generator,
    create_rng_state,
    get_global_generator,
    set_global_generator,
)
from functape._namespace import lazy

__all__ = [
    "Algorithm",
    "Generator",
    "create_rng_state",
    "get_global_generator",
    "index_shuffle",
    "set_global_generator",
    "stateless_fold_in",
    "stateless_shuffle",
    "stateless_split",
]
__getattr__ = lazy(__name__, {}, lambda: __all__)
