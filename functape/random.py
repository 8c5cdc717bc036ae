"""Random numbers under TensorFlow's names (`tf.random`)."""

from __future__ import annotations

from functape._api._random import normal, shuffle, truncated_normal, uniform
from functape._api._stateless_random import stateless_normal, stateless_truncated_normal, stateless_uniform
from functape._namespace import lazy
from functape._seeds import set_seed

__all__ = [
    "normal",
    "set_seed",
    "shuffle",
    "stateless_normal",
    "stateless_truncated_normal",
    "stateless_uniform",
    "truncated_normal",
    "uniform",
]

_LAZY = {
    "experimental": "functape._random_experimental",
    **{
        name: f"functape._api._distributions:{name}"
        for name in (
            "categorical", "fold_in", "gamma", "poisson", "split", "stateless_binomial", "stateless_categorical",
            "stateless_gamma", "stateless_parameterized_truncated_normal", "stateless_poisson",
        )
    },
    **{
        name: f"functape._api._generator:{name}"
        for name in ("Algorithm", "Generator", "create_rng_state", "get_global_generator", "set_global_generator")
    },
}  # fmt: skip
_LAZY |= {
    name: f"functape._api._nn_sampling:{name}"
    for name in (
        "all_candidate_sampler",
        "fixed_unigram_candidate_sampler",
        "log_uniform_candidate_sampler",
        "uniform_candidate_sampler",
    )
}
__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
