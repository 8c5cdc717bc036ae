"""`tf.function`, control flow and staging.

A traced function is a recording with symbolic inputs (`functape._engine._trace`), finished as a `Staged`: one pure
function of arrays. A call of it, a branch and a loop are each one op of the recording around them.

AutoGraph records through `functape.function._staged`: `staged_cond`, `staged_while`, `staged_for`, `is_symbolic`,
`is_tracing`, `is_iterable_by_stage`. `Function` calls `functape.function._autograph.convert(python_function)`.
"""

from functape._core import _symbolic as _symbolic
from functape.function._concrete import ConcreteFunction
from functape.function._control_flow import case, cond, switch_case, while_loop
from functape.function._function import Function, function
from functape.function._grouping import control_dependencies, group, no_op, timestamp
from functape.function._host_functions import numpy_function, py_function
from functape.function._mapping import foldl, foldr, map_fn, scan, vectorized_map
from functape.function._modes import (
    executing_eagerly,
    functions_run_eagerly,
    init_scope,
    inside_function,
    run_functions_eagerly,
)
from functape.function._tensor_array import TensorArray

__all__ = [
    "ConcreteFunction",
    "Function",
    "TensorArray",
    "case",
    "cond",
    "control_dependencies",
    "executing_eagerly",
    "foldl",
    "foldr",
    "function",
    "functions_run_eagerly",
    "group",
    "init_scope",
    "inside_function",
    "map_fn",
    "no_op",
    "numpy_function",
    "py_function",
    "run_functions_eagerly",
    "scan",
    "switch_case",
    "timestamp",
    "vectorized_map",
    "while_loop",
]
