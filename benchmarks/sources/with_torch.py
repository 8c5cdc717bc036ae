"""The workloads in PyTorch's eager mode, on its first GPU if it has one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from benchmarks.sources import values

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def tensor(value: Any) -> torch.Tensor:
    """A tensor on the device."""
    return torch.tensor(value, device=DEVICE)


def training(parameters: Any, loss_function: Callable[[], torch.Tensor], optimizer: Any = None) -> Any:
    """One step of an optimizer (by default, Adam with Keras's epsilon)."""
    if optimizer is None:
        optimizer = torch.optim.Adam(parameters, lr=0.001, eps=1e-7)

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        loss = loss_function()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def put(layer: Any, kernel: Any, offset: Any) -> None:
    """Give a layer the weights that Keras would call kernel and bias."""
    order = (3, 2, 0, 1) if kernel.ndim == 4 else (1, 0)
    with torch.no_grad():
        layer.weight.copy_(tensor(kernel.transpose(order).copy()))
        layer.bias.copy_(tensor(offset))


def scalar_quadratic() -> Any:
    """As the tape source of that name."""
    x = tensor(0.0).requires_grad_()
    a, b, c = tensor(1.0), tensor(-2.0), tensor(1.0)
    return training([x], lambda: a * x**2 + b * x + c, torch.optim.SGD([x], lr=0.01))


def perceptron(widths: tuple[int, ...], batch: int) -> Any:
    """As the tape source of that name."""
    inputs, labels, weights, biases = values.perceptron(widths, batch)
    x, y = tensor(inputs), tensor(labels)
    layers: list[Any] = []
    for kernel, offset in zip(weights, biases, strict=True):
        layer = nn.Linear(*kernel.shape, device=DEVICE)
        put(layer, kernel, offset)
        layers += [layer, nn.ReLU()]
    model = nn.Sequential(*layers[:-1])
    return training(model.parameters(), lambda: functional.cross_entropy(model(x), y))


def convolutional(batch: int) -> Any:
    """As the tape source of that name, with PyTorch's order of axes."""
    inputs, labels, parameters = values.convolutional(batch)
    x, y = tensor(inputs.transpose(0, 3, 1, 2).copy()), tensor(labels)
    first, second, logits = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3), nn.Linear(1600, 10)
    model = nn.ModuleList([first, second, logits]).to(DEVICE)
    # The last kernel's rows are for channels last.
    last = parameters[4].reshape(5, 5, 64, 10).transpose(2, 0, 1, 3).reshape(1600, 10)
    put(first, *parameters[:2])
    put(second, *parameters[2:4])
    put(logits, last, parameters[5])

    def loss_function() -> torch.Tensor:
        hidden = functional.max_pool2d(functional.relu(first(x)), 2)
        hidden = functional.max_pool2d(functional.relu(second(hidden)), 2)
        return functional.cross_entropy(logits(hidden.flatten(1)), y)

    return training(model.parameters(), loss_function)


def recurrent(steps: int, batch: int) -> Any:
    """As the tape source of that name."""
    inputs, (kernel, recurrent_kernel, bias) = values.recurrent(steps, batch)
    x = tensor(inputs)
    model = nn.LSTM(kernel.shape[0], recurrent_kernel.shape[0], batch_first=True, device=DEVICE)
    with torch.no_grad():
        model.weight_ih_l0.copy_(tensor(kernel.T.copy()))
        model.weight_hh_l0.copy_(tensor(recurrent_kernel.T.copy()))
        model.bias_ih_l0.copy_(tensor(bias))
        model.bias_hh_l0.zero_()
    return training(model.parameters(), lambda: (model(x)[0][:, -1] ** 2).mean())


def transformer(layers: int, steps: int, batch: int) -> Any:
    """As the tape source of that name."""
    inputs, targets, parameters = values.transformer(layers, steps, batch)
    x, wanted = tensor(inputs), tensor(targets)
    blocks = nn.ModuleList()
    for weights, _, inner, outer, _ in parameters:
        block = nn.TransformerEncoderLayer(
            values.MODEL, values.HEADS, values.INNER, 0.0, layer_norm_eps=1e-3, batch_first=True, device=DEVICE
        )
        put(block.linear1, *inner)
        put(block.linear2, *outer)
        projections = [each.reshape(values.MODEL, values.MODEL) for each in weights[::2]]
        with torch.no_grad():
            block.self_attn.in_proj_weight.copy_(tensor(np.concatenate([each.T for each in projections[:3]])))
            block.self_attn.in_proj_bias.zero_()
        put(block.self_attn.out_proj, projections[3], weights[7])
        blocks.append(block)

    def loss_function() -> torch.Tensor:
        hidden = x
        for block in blocks:
            hidden = block(hidden)
        return ((hidden - wanted) ** 2).mean()

    return training(blocks.parameters(), loss_function)


def embedding(rows: int, width: int, looked_up: int) -> Any:
    """As the tape source of that name, with a sparse gradient."""
    indices, wanted = map(tensor, values.embedding(rows, width, looked_up))
    table = nn.Embedding(rows, width, sparse=True, device=DEVICE)
    with torch.no_grad():
        table.weight.zero_()
    optimizer = torch.optim.SGD(table.parameters(), lr=0.1)
    return training(None, lambda: ((table(indices) - wanted) ** 2).mean(), optimizer)


def large(width: int, count: int, batch: int) -> Any:
    """As the tape source of that name."""
    x = torch.ones(batch, width, device=DEVICE)
    kernels = [tensor(each).requires_grad_() for each in values.large_kernels(width, count)]

    def loss_function() -> torch.Tensor:
        hidden = x
        for kernel in kernels:
            hidden = functional.relu(hidden @ kernel)
        return (hidden**2).mean()

    return training(kernels, loss_function)


def jacobian() -> Any:
    """As the tape source of that name."""
    x, kernel, offset = map(tensor, values.sigmoid_layer())
    derive = torch.func.jacrev(lambda kernel: torch.sigmoid(x @ kernel + offset))
    return lambda: derive(kernel)


def hessian_vector_product() -> Any:
    """As the tape source of that name, forward over reverse."""
    x, kernels, directions = values.tanh_net()
    x, kernels, directions = tensor(x), tuple(map(tensor, kernels)), tuple(map(tensor, directions))

    def loss_function(kernels: Any) -> torch.Tensor:
        return (torch.tanh(torch.tanh(x @ kernels[0]) @ kernels[1]) ** 2).mean()

    return lambda: torch.func.jvp(torch.func.grad(loss_function), (kernels,), (directions,))[1]


def hessian() -> Any:
    """As the tape source of that name."""
    x, w = map(tensor, values.small_net())

    def loss_function(w: torch.Tensor) -> torch.Tensor:
        first, offset, second = w[:48].reshape(6, 8), w[48:56], w[56:].reshape(8, 1)
        return (torch.tanh(torch.tanh(x @ first + offset) @ second) ** 2).mean()

    derive = torch.func.hessian(loss_function)
    return lambda: derive(w)


def many_ops(count: int) -> Any:
    """As the tape source of that name."""
    x, a, b = tensor(0.5).requires_grad_(), tensor(0.999), tensor(0.001)

    def step() -> torch.Tensor:
        y = x
        for _ in range(count // 2):
            y = y * a + b
        return torch.autograd.grad(y, x)[0]

    return step


def many_variables(count: int) -> Any:
    """As the tape source of that name."""
    parameters = [torch.full((4,), 1.0 + each / count, device=DEVICE).requires_grad_() for each in range(count)]
    optimizer = torch.optim.SGD(parameters, lr=0.001)
    return training(None, lambda: sum((each * each).sum() for each in parameters), optimizer)


def uniforms(count: int) -> Any:
    """As many random numbers, PyTorch's own."""
    return lambda: torch.rand(count, device=DEVICE)
