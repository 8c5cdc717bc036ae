"""TensorFlow's exception types, raised at the line that caused them."""

from __future__ import annotations

from typing import Any


class OpError(Exception):
    """Base of the errors an operation raises (`tf.errors.OpError`).

    **Arguments:**
    - `node_def`: always None here; kept for TensorFlow's signature.
    - `op`: always None here.
    - `message`: what went wrong and what to do.
    - `error_code`: the canonical status code.
    """

    code = 2

    def __init__(self, node_def: Any = None, op: Any = None, message: str = "", error_code: int | None = None) -> None:
        super().__init__(message)
        self.node_def = node_def
        self.op = op
        self.message = message
        self.error_code = self.code if error_code is None else error_code

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> Any:
        return type(self), (None, None, self.message, self.error_code)


def _status(name: str, code: int, purpose: str) -> type[OpError]:
    def __init__(self: OpError, node_def: Any = None, op: Any = None, message: str = "", *args: Any) -> None:
        OpError.__init__(self, node_def, op, message, code)

    def __reduce__(self: OpError) -> Any:
        return type(self), (None, None, self.message)

    body = {"__init__": __init__, "__reduce__": __reduce__, "__doc__": purpose, "code": code, "__module__": __name__}
    return type(name, (OpError,), body)


CancelledError = _status("CancelledError", 1, "The operation was cancelled.")
UnknownError = _status("UnknownError", 2, "The cause is not known.")
InvalidArgumentError = _status("InvalidArgumentError", 3, "An argument has a wrong value, shape or dtype.")
DeadlineExceededError = _status("DeadlineExceededError", 4, "A deadline passed before the operation was done.")
NotFoundError = _status("NotFoundError", 5, "Something that was asked for does not exist.")
AlreadyExistsError = _status("AlreadyExistsError", 6, "Something to be created exists already.")
PermissionDeniedError = _status("PermissionDeniedError", 7, "The caller may not do this.")
ResourceExhaustedError = _status("ResourceExhaustedError", 8, "Memory or another resource is used up.")
FailedPreconditionError = _status("FailedPreconditionError", 9, "The system is not in the state this needs.")
AbortedError = _status("AbortedError", 10, "The operation was aborted.")
OutOfRangeError = _status("OutOfRangeError", 11, "An iteration or index passed its end.")
UnimplementedError = _status("UnimplementedError", 12, "The operation is not supported.")
InternalError = _status("InternalError", 13, "An invariant inside the system does not hold.")
UnavailableError = _status("UnavailableError", 14, "The runtime cannot be reached at present.")
DataLossError = _status("DataLossError", 15, "Data was lost or is corrupt.")
UnauthenticatedError = _status("UnauthenticatedError", 16, "The request carries no valid credentials.")
