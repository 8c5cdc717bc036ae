"""Activations, cross-entropies and what else networks are made of, under TensorFlow's names (`tf.nn`)."""

from __future__ import annotations

from functape._api._activations import (
    crelu,
    elu,
    gelu,
    leaky_relu,
    log_softmax,
    relu,
    relu6,
    selu,
    silu,
    softmax,
    softsign,
    swish,
)
from functape._api._counting import in_top_k, top_k
from functape._api._cross_entropies import (
    sigmoid_cross_entropy_with_logits,
    softmax_cross_entropy_with_logits,
    sparse_softmax_cross_entropy_with_logits,
    weighted_cross_entropy_with_logits,
)
from functape._api._elementwise import sigmoid, softplus, tanh
from functape._api._nn import (
    batch_normalization,
    bias_add,
    dropout,
    embedding_lookup,
    l2_loss,
    l2_normalize,
    moments,
)
from functape._api._reductions import zero_fraction
from functape._namespace import lazy

__all__ = [
    "batch_normalization",
    "bias_add",
    "crelu",
    "dropout",
    "elu",
    "embedding_lookup",
    "gelu",
    "in_top_k",
    "l2_loss",
    "l2_normalize",
    "leaky_relu",
    "log_softmax",
    "moments",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "sigmoid_cross_entropy_with_logits",
    "silu",
    "softmax",
    "softmax_cross_entropy_with_logits",
    "softplus",
    "softsign",
    "sparse_softmax_cross_entropy_with_logits",
    "swish",
    "tanh",
    "top_k",
    "weighted_cross_entropy_with_logits",
    "zero_fraction",
]

__getattr__ = lazy(__name__, {}, lambda: __all__)
