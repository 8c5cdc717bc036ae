"""TensorFlow's exception types, raised at the line that caused them."""

from __future__ import annotations

from typing import Any, ClassVar


class OpError(Exception):
    """Base of the errors an operation raises (`tf.errors.OpError`).

    **Arguments:**
    - `node_def`, `op`: always None here; kept for TensorFlow's signature.
    - `message`: what went wrong and what to do.
    """

    code: ClassVar[int] = 2
    """The canonical status code."""

    def __init__(self, node_def: Any = None, op: Any = None, message: str = "", *args: Any) -> None:
        super().__init__(message)
        self.node_def = node_def
        self.op = op
        self.message = message

    @property
    def error_code(self) -> int:
        """The canonical status code."""
        return self.code

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> Any:
        return type(self), (None, None, self.message)


class CancelledError(OpError):
    """The operation was cancelled."""

    code = 1


class UnknownError(OpError):
    """The cause is not known."""

    code = 2


class InvalidArgumentError(OpError):
    """An argument has a wrong value, shape or dtype."""

    code = 3


class DeadlineExceededError(OpError):
    """A deadline passed before the operation was done."""

    code = 4


class NotFoundError(OpError):
    """Something that was asked for does not exist."""

    code = 5


class AlreadyExistsError(OpError):
    """Something to be created exists already."""

    code = 6


class PermissionDeniedError(OpError):
    """The caller may not do this."""

    code = 7


class ResourceExhaustedError(OpError):
    """Memory or another resource is used up."""

    code = 8


class FailedPreconditionError(OpError):
    """The system is not in the state this needs."""

    code = 9


class AbortedError(OpError):
    """The operation was aborted."""

    code = 10


class OutOfRangeError(OpError):
    """An iteration or index passed its end."""

    code = 11


class UnimplementedError(OpError):
    """The operation is not supported."""

    code = 12


class InternalError(OpError):
    """An invariant inside the system does not hold."""

    code = 13


class UnavailableError(OpError):
    """The runtime cannot be reached at present."""

    code = 14


class DataLossError(OpError):
    """Data was lost or is corrupt."""

    code = 15


class UnauthenticatedError(OpError):
    """The request carries no valid credentials."""

    code = 16
