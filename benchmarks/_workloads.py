"""The workloads, one row each."""

from __future__ import annotations

from typing import Any, NamedTuple

from benchmarks._ways import EAGER, FUNCTION, FUNCTIONAL, GRAIN, HAND, HELD, TAPE, TF_FUNCTION, TF_JIT


class Workload(NamedTuple):
    """One thing to time.

    **Fields:**
    - `name`, `group`: its row and its table in the report.
    - `sources`: by column, the program as `module.function`; a way whose column is absent does not run it.
    - `size`: what each source is given.
    - `steps`: how many steps one call does; times are those of one step.
    - `only`: the ways to run; all that have a source if empty.
    - `each`: whether to wait for each call's result: nothing else asks for it.
    - `same`: whether each way's first result must be that of the first way.
    """

    name: str
    group: str
    sources: dict[str, str]
    size: tuple[Any, ...] = ()
    steps: int = 1
    only: tuple[str, ...] = ()
    each: bool = False
    same: bool = True


TRAINING, DERIVATIVES, FITTING = "Training steps", "Derivatives", "Steps of `fit`"
DATA, OPS, VARIABLES, OTHERS = "Data", "Ops recorded", "Variables", "Other programs"
STARTING, IMPORTING, PEAK = "First step, from nothing", "Imports", "Peak memory"

SCALAR = "scalar quadratic, SGD"
SMALL, SMALL_KERAS = "32-32-10, batch 64, Adam", "32-32-10 Keras model, batch 64, Adam"
MIDDLE, MIDDLE_KERAS = "784-512-512-10, batch 128, Adam", "784-512-512-10 Keras model, batch 128, Adam"
LARGE = "784-4x2048-10, batch 128, Adam"
CONVOLUTIONAL, CONVOLUTIONAL_KERAS = "two convolutions, batch 64, Adam", "two convolutions, Keras model"
LSTM, TRANSFORMER = "Keras LSTM over 64 steps, batch 32, Adam", "two transformer blocks, 16 x 64 x 128, Adam"
LOOP, LOOP_8 = "1,000 steps of Adam in one function, a scalar", "1,000 steps of Adam in one function, 8 numbers"
SCANNED = "a classifier's step, 1,000 in `lax.scan`"
EMBEDDING = "1,024 rows of a 1,000,000 x 64 embedding, SGD"
JACOBIAN, HVP, HESSIAN = "jacobian, 8 x 64 for 64 x 64", "Hessian-vector product, two-layer net", "Hessian, 64 x 64"
EPOCH = "epoch of 60,000 x 784, shuffle(1024).batch(64)"
FED = "784-512-512-10 steps fed by a dataset"
MAPPED = "a Python map over 10,000 pictures, 4 threads"
UNIFORMS, CALL = "a million uniforms", "the smallest call of a function"
FIT_SMALL, FIT_MIDDLE = "fit, 32-32-10, batch 64", "fit, 784-512-512-10, batch 128"
FIT_CONVOLUTIONAL = "fit, two convolutions, batch 64"
COLD_SMALL, COLD_CONVOLUTIONAL = "first step, 32-32-10 Keras model", "first step, two convolutions, Keras model"
IMPORT, MEMORY = "import", "peak memory, Adam on 48 million parameters"
MEMORY_KEPT = f"{MEMORY}, both keep the gradients"


def ops(count: int) -> str:
    """The name of the workload that records so many ops."""
    return f"{count:,} ops"


def variables(count: int) -> str:
    """The name of the workload that trains so many variables."""
    return f"{count:,} variables, SGD"


def _everywhere(name: str, tape: str = "tape") -> dict[str, str]:
    """A training program that every library has."""
    columns = {"by_hand": "by_hand", "tape": tape, "nnx": "with_nnx", "torch": "with_torch"}
    return {column: f"{module}.{name}" for column, module in columns.items()}


def _derivative(name: str) -> dict[str, str]:
    columns = {"by_hand": "by_hand", "tape": "tape_derivatives", "torch": "with_torch"}
    return {column: f"{module}.{name}" for column, module in columns.items()}


def _not_flax(name: str) -> dict[str, str]:
    return {column: each for column, each in _everywhere(name).items() if column != "nnx"}


_SMALL, _MIDDLE = ((32, 32, 10), 64), ((784, 512, 512, 10), 128)
_LARGE = ((784, 2048, 2048, 2048, 2048, 10), 128)
_BY_TAPE = (HAND, TAPE)
_SCALED = (HAND, TAPE, FUNCTION, EAGER, TF_FUNCTION)

WORKLOADS = (
    Workload(SCALAR, TRAINING, _everywhere("scalar_quadratic")),
    Workload(SMALL, TRAINING, _everywhere("perceptron"), _SMALL),
    Workload(SMALL_KERAS, TRAINING, _everywhere("perceptron", "tape_keras"), _SMALL),
    Workload(MIDDLE, TRAINING, _everywhere("perceptron"), _MIDDLE),
    Workload(MIDDLE_KERAS, TRAINING, _everywhere("perceptron", "tape_keras"), _MIDDLE),
    Workload(LARGE, TRAINING, _everywhere("perceptron"), _LARGE),
    Workload(CONVOLUTIONAL, TRAINING, _everywhere("convolutional"), (64,)),
    Workload(CONVOLUTIONAL_KERAS, TRAINING, _everywhere("convolutional", "tape_keras"), (64,)),
    Workload(LSTM, TRAINING, _everywhere("recurrent", "tape_keras"), (64, 32)),
    Workload(TRANSFORMER, TRAINING, _everywhere("transformer", "tape_keras"), (2, 64, 16)),
    Workload(EMBEDDING, TRAINING, _not_flax("embedding"), (1_000_000, 64, 1024)),
    Workload(
        LOOP, OTHERS, {"by_hand": "by_hand.loop", "tape": "tape.loop"}, (1000, ()), 1000, (HAND, FUNCTION, TF_FUNCTION)
    ),
    Workload(
        LOOP_8, OTHERS, {"by_hand": "by_hand.loop", "tape": "tape.loop"}, (1000, (8,)), 1000,
        (HAND, FUNCTION, TF_FUNCTION),
    ),
    Workload(
        SCANNED, OTHERS, {"by_hand": "scanned.by_hand", "functional": "scanned.functionalized"}, (), 1000,
        (HAND, FUNCTIONAL),
    ),
    Workload(JACOBIAN, DERIVATIVES, _derivative("jacobian"), each=True),
    Workload(HVP, DERIVATIVES, _derivative("hessian_vector_product"), each=True),
    Workload(HESSIAN, DERIVATIVES, _derivative("hessian"), each=True),
    Workload(FIT_SMALL, FITTING, {"fit": "fit.perceptron"}, (*_SMALL, 400), 400, same=False),
    Workload(FIT_MIDDLE, FITTING, {"fit": "fit.perceptron"}, (*_MIDDLE, 40), 40, same=False),
    Workload(FIT_CONVOLUTIONAL, FITTING, {"fit": "fit.convolutional"}, (64, 20), 20, same=False),
    Workload(EPOCH, DATA, {"tape": "tape_data.epoch"}, (60_000, 784), 938, (TAPE, EAGER)),
    Workload(
        FED, DATA, {"held": "tape_data.steps_on_one_batch", "tape": "tape_data.steps_on_dataset"}, (40,), 40,
        (HELD, TAPE), same=False,
    ),
    Workload(
        MAPPED, DATA, {"grain": "tape_data.mapped_by_grain", "tape": "tape_data.mapped"}, (10_000,), 10_000,
        (GRAIN, TAPE, EAGER),
    ),
    Workload(
        UNIFORMS, OTHERS, {"by_hand": "by_hand.uniforms", "tape": "tape.uniforms", "torch": "with_torch.uniforms"},
        (1_000_000,), each=True, same=False,
    ),
    Workload(
        CALL, OTHERS, {"by_hand": "by_hand.smallest_call", "tape": "tape.smallest_call"},
        only=(HAND, FUNCTION, TF_FUNCTION, TF_JIT),
    ),
    *(
        Workload(ops(count), OPS, _not_flax("many_ops"), (count,), only=_SCALED if count <= 1000 else _SCALED[:2],
                 each=True)
        for count in (10, 100, 1000, 10_000)
    ),
    *(
        Workload(variables(count), VARIABLES, _not_flax("many_variables"), (count,),
                 only=_SCALED if count <= 100 else _SCALED[:3])
        for count in (10, 100, 500, 2000)
    ),
)  # fmt: skip

COLD = (
    Workload(COLD_SMALL, STARTING, _everywhere("perceptron", "tape_keras"), _SMALL),
    Workload(COLD_CONVOLUTIONAL, STARTING, _everywhere("convolutional", "tape_keras"), (64,)),
)
"""What is timed in fresh processes, from starting Python to the first loss."""
AFTER_IMPORTS = ", after the imports"
_ENORMOUS = (4000, 3, 8)
LARGEST = (
    Workload(MEMORY, PEAK, _everywhere("large"), _ENORMOUS),
    Workload(
        MEMORY_KEPT, PEAK, {"by_hand": "by_hand.large_keeping", "tape": "tape.large_keeping"}, _ENORMOUS, only=_BY_TAPE
    ),
)
"""Whose peak memory is measured in fresh processes."""
