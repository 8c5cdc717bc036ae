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

_LAZY = {
    name: f"functape._api.{module}:{name}"
    for module, names in {
        "_nn_convolution": (
            "atrous_conv2d atrous_conv2d_transpose conv1d conv1d_transpose conv2d conv2d_transpose "
            "conv3d conv3d_transpose conv_transpose convolution depthwise_conv2d "
            "depthwise_conv2d_backprop_filter depthwise_conv2d_backprop_input separable_conv2d "
        ),
        "_nn_pooling": (
            "avg_pool avg_pool1d avg_pool2d avg_pool3d dilation2d erosion2d max_pool max_pool1d "
            "max_pool2d max_pool3d max_pool_with_argmax pool "
        ),
        "_nn_blocks": "depth_to_space space_to_batch space_to_depth with_space_to_batch",
        "_nn_statistics": (
            "batch_norm_with_global_normalization local_response_normalization lrn normalize_moments "
            "sufficient_statistics weighted_moments "
        ),
        "_nn_losses": (
            "collapse_repeated compute_average_loss ctc_loss ctc_unique_labels isotonic_regression "
            "log_poisson_loss nce_loss sampled_softmax_loss scale_regularization_loss "
        ),
        "_nn_decoding": "ctc_beam_search_decoder ctc_greedy_decoder",
        "_nn_sampling": "all_candidate_sampler compute_accidental_hits fixed_unigram_candidate_sampler",
        "_nn_choosing": (
            "approx_max_k approx_min_k embedding_lookup_sparse fractional_avg_pool fractional_max_pool "
            "safe_embedding_lookup_sparse "
        ),
    }.items()
    for name in names.split()
}
_LAZY["experimental"] = "functape._api._nn_experimental"
"""What is loaded on first touch, so that import stays quick."""

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

__getattr__ = lazy(__name__, _LAZY, lambda: __all__)
