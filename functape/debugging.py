"""`tf.debugging`: checks of values, shapes and dtypes."""

from __future__ import annotations

from functape._config_devices import get_log_device_placement, set_log_device_placement
from functape._engine._program import numerics
from functape._engine._settings import is_op_by_op, run_op_by_op
from functape._namespace import lazy
from functape.function._assertions import (
    Assert,
    assert_all_finite,
    assert_equal,
    assert_greater,
    assert_greater_equal,
    assert_integer,
    assert_less,
    assert_less_equal,
    assert_near,
    assert_negative,
    assert_non_negative,
    assert_non_positive,
    assert_none_equal,
    assert_positive,
    assert_proper_iterable,
    assert_rank,
    assert_rank_at_least,
    assert_rank_in,
    assert_same_float_dtype,
    assert_scalar,
    assert_shapes,
    assert_type,
    check_numerics,
    is_numeric_tensor,
)

_traceback = {"filtered": True, "op by op": False}


def enable_check_numerics(stack_height_limit: int = 30, path_length_limit: int = 50) -> None:
    """Look for the op that makes a NaN or an infinity (`tf.debugging.enable_check_numerics`).

    Programs run op by op from here on, and what each op returns is looked at. Inside a `tf.function` only what the
    function returns is.

    **Arguments:**
    - `stack_height_limit`, `path_length_limit`: accepted: the error names the one line of the program that counts.

    **Raises:** later, at the line of the op, `InvalidArgumentError` that names it.
    """
    if not numerics.checked:
        _traceback["op by op"] = is_op_by_op()
        numerics.checked = True
        run_op_by_op(True)


def disable_check_numerics() -> None:
    """End the search that `enable_check_numerics` began (`tf.debugging.disable_check_numerics`)."""
    if numerics.checked:
        numerics.checked = False
        run_op_by_op(_traceback["op by op"])


def enable_traceback_filtering() -> None:
    """Keep that tracebacks are to be short (`tf.debugging.enable_traceback_filtering`).

    `functape run` shows the program's own lines only, unless it is given `--full-traceback`.
    """
    _traceback["filtered"] = True


def disable_traceback_filtering() -> None:
    """Keep that tracebacks are to be whole (`tf.debugging.disable_traceback_filtering`)."""
    _traceback["filtered"] = False


def is_traceback_filtering_enabled() -> bool:
    """What the two functions above were last called for (`tf.debugging.is_traceback_filtering_enabled`)."""
    return _traceback["filtered"]


__all__ = [
    "Assert",
    "assert_all_finite",
    "assert_equal",
    "assert_greater",
    "assert_greater_equal",
    "assert_integer",
    "assert_less",
    "assert_less_equal",
    "assert_near",
    "assert_negative",
    "assert_non_negative",
    "assert_non_positive",
    "assert_none_equal",
    "assert_positive",
    "assert_proper_iterable",
    "assert_rank",
    "assert_rank_at_least",
    "assert_rank_in",
    "assert_same_float_dtype",
    "assert_scalar",
    "assert_shapes",
    "assert_type",
    "check_numerics",
    "disable_check_numerics",
    "disable_traceback_filtering",
    "enable_check_numerics",
    "enable_traceback_filtering",
    "get_log_device_placement",
    "is_numeric_tensor",
    "is_traceback_filtering_enabled",
    "set_log_device_placement",
]
__getattr__ = lazy(__name__, {}, lambda: __all__)
