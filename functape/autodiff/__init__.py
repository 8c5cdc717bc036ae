"""Automatic differentiation (`tf.autodiff`, with what TensorFlow has at the top level beside it)."""

from __future__ import annotations

from functape.autodiff._custom import custom_gradient, grad_pass_through, recompute_grad
from functape.autodiff._forward import ForwardAccumulator
from functape.autodiff._gradients import gradients, hessians
from functape.autodiff._tape import GradientTape
from functape.autodiff._unconnected import UnconnectedGradients

__all__ = [
    "ForwardAccumulator",
    "GradientTape",
    "UnconnectedGradients",
    "custom_gradient",
    "grad_pass_through",
    "gradients",
    "hessians",
    "recompute_grad",
]
