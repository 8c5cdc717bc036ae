"""`tf.test.TestCase`: unittest's, with assertions about tensors."""

from __future__ import annotations

import contextlib
import random
import re
import tempfile
import threading
import unittest
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from functape._core._nest import flatten, is_nested
from functape._core._structures import map_structure
from functape._engine._errors import InvalidArgumentError, OpError
from functape._seeds import set_seed

_BY_DTYPE = {"float16": "half", "bfloat16": "bfloat16", "float32": "float", "complex64": "float"}


def _array(value: Any) -> Any:
    if hasattr(value, "numpy"):
        value = value.numpy()
    return value if isinstance(value, np.ndarray) else np.array(value)


def _is_structure(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, tuple) and hasattr(value, "_asdict"))


class TestCase(unittest.TestCase):
    """A test case with assertions about tensors and arrays (`tf.test.TestCase`).

    Random seeds are set before each test, so that it draws the same numbers each time.
    """

    def __init__(self, methodName: str = "runTest") -> None:
        super().__init__(methodName)
        self._threads: list[CheckedThread] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def setUp(self) -> None:
        """Set the random seeds."""
        super().setUp()
        random.seed(87654321)
        np.random.seed(87654321)
        set_seed(87654321)

    def tearDown(self) -> None:
        """Wait for the threads of `checkedThread`."""
        for thread in self._threads:
            thread.check_termination()
        super().tearDown()

    # ---- values ----

    def evaluate(self, tensors: Any) -> Any:
        """The values of tensors in nested structures, as NumPy arrays."""
        return map_structure(lambda each: each.numpy() if hasattr(each, "numpy") else each, tensors)

    def evaluate_if_both_tensors(self, a: Any, b: Any) -> tuple[Any, Any]:
        """Both as values, if both are tensors."""
        if hasattr(a, "numpy") and hasattr(b, "numpy"):
            return self.evaluate(a), self.evaluate(b)
        return a, b

    def _GetNdArray(self, a: Any) -> Any:
        return _array(a)

    def get_temp_dir(self) -> str:
        """A folder that is removed at the end of the process."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory()
        return self._folder.name

    @contextlib.contextmanager
    def session(
        self, graph: Any = None, config: Any = None, use_gpu: bool = True, force_gpu: bool = False
    ) -> Iterator[None]:
        """Nothing: programs run as they are written."""
        yield None

    cached_session = session

    def __getattr__(self, name: str) -> Any:
        # As an attribute of the class it would be collected as a test.
        if name == "test_session":
            return self.session
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def checkedThread(
        self, target: Callable[..., Any], args: tuple[Any, ...] | None = None, kwargs: dict[str, Any] | None = None
    ) -> CheckedThread:
        """A thread whose exception fails the test when it is joined."""
        thread = CheckedThread(self, target, args or (), kwargs or {})
        self._threads.append(thread)
        return thread

    # ---- all elements ----

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None) -> None:
        """Fail unless two structures of numbers have the same shapes and values but for `atol + rtol * |b|`."""
        if isinstance(a, np.ndarray) and hasattr(b, "indices") and hasattr(b, "dense_shape"):
            raise self.failureException("A dense array cannot be compared with a sparse tensor.")
        self._close(a, b, rtol, atol, "", msg)

    def _close(self, a: Any, b: Any, rtol: float, atol: float, path: str, msg: str | None) -> None:
        prefix = f"{msg} " if msg else ""
        if _is_structure(a) or _is_structure(b):
            a, b = (each._asdict() if hasattr(each, "_asdict") else each for each in (a, b))
            if not (isinstance(a, Mapping) and isinstance(b, Mapping)):
                raise ValueError(f"Can't compare dict to non-dict, {path or 'a'} vs. {path or 'b'}. {msg or ''}")
            self.assertEqual(sorted(a, key=str), sorted(b, key=str), f"{prefix}mismatched keys in {path}")
            for key in a:
                self._close(a[key], b[key], rtol, atol, f"{path}[{key}]", msg)
            return
        if isinstance(a, list | tuple) or isinstance(b, list | tuple):
            try:
                self._close_arrays(a, b, rtol, atol, path, msg)
                return
            except (ValueError, TypeError):
                pass
            self.assertEqual(len(a), len(b), f"{prefix}mismatched length in {path}")
            for position, (one, two) in enumerate(zip(a, b, strict=True)):
                self._close(one, two, rtol, atol, f"{path}[{position}]", msg)
            return
        self._close_arrays(a, b, rtol, atol, path, msg)

    def _close_arrays(self, a: Any, b: Any, rtol: float, atol: float, path: str, msg: str | None) -> None:
        for each in (a, b):
            if hasattr(each, "nested_row_splits"):
                self._close(
                    [one.to_list() if hasattr(one, "to_list") else one for one in [a]],
                    [two.to_list() if hasattr(two, "to_list") else two for two in [b]],
                    rtol, atol, path, msg,
                )  # fmt: skip
                return
        one, two = _array(a), _array(b)
        if one.dtype == object or two.dtype == object:
            raise ValueError("ragged")
        self.assertEqual(
            one.shape, two.shape,
            f"{msg + ' ' if msg else ''}Shape mismatch: expected {one.shape}, got {two.shape} {path}",
        )  # fmt: skip
        one, two = (each.astype(np.float64) if each.dtype.name == "bfloat16" else each for each in (one, two))
        if np.allclose(one, two, rtol=rtol, atol=atol, equal_nan=True):
            return
        np.testing.assert_allclose(
            one, two, rtol=rtol, atol=atol, equal_nan=True,
            err_msg=f"{msg + ' ' if msg else ''}Mismatched value {path}".strip(),
        )  # fmt: skip

    def assertAllCloseAccordingToType(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, float_rtol: float = 1e-6,
        float_atol: float = 1e-6, half_rtol: float = 1e-3, half_atol: float = 1e-3, bfloat16_rtol: float = 1e-2,
        bfloat16_atol: float = 1e-2, msg: str | None = None,
    ) -> None:  # fmt: skip
        """As `assertAllClose`, with tolerances by the less exact dtype of the two."""
        given = {
            "float": (float_rtol, float_atol),
            "half": (half_rtol, half_atol),
            "bfloat16": (bfloat16_rtol, bfloat16_atol),
        }  # fmt: skip
        for each in (_array(a), _array(b)):
            relative, absolute = given.get(_BY_DTYPE.get(each.dtype.name, ""), (0.0, 0.0))
            rtol, atol = max(rtol, relative), max(atol, absolute)
        self.assertAllClose(a, b, rtol, atol, msg)

    def assertNotAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None) -> None:
        """Fail if `assertAllClose` would not."""
        try:
            self.assertAllClose(a, b, rtol, atol, msg)
        except AssertionError:
            return
        raise AssertionError(f"The two values are close at all elements. {msg or ''}")

    def assertAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Fail unless two tensors or arrays have the same shape and elements; NaNs are equal."""
        if any(hasattr(each, "nested_row_splits") for each in (a, b)):
            one, two = (each.to_list() if hasattr(each, "to_list") else each for each in (a, b))
            one, two = (each.numpy().tolist() if hasattr(each, "numpy") else each for each in (one, two))
            self.assertEqual(_text(one), _text(two), msg)
            return
        one, two = _array(a), _array(b)
        self.assertEqual(
            one.shape, two.shape, f"{msg + ' ' if msg else ''}Shape mismatch: expected {one.shape}, got {two.shape}."
        )
        if one.dtype.kind in "OSU" or two.dtype.kind in "OSU":
            self.assertEqual(_text(one.tolist()), _text(two.tolist()), msg)
            return
        same = one == two
        if one.dtype.kind in "fcV" and two.dtype.kind in "fcV":
            same = np.logical_or(same, np.logical_and(one != one, two != two))
        if not np.all(same):
            places = np.argwhere(~np.atleast_1d(same))[:10].tolist()
            raise self.failureException(f"{msg + ' ' if msg else ''}Not equal at {places}: {one!r} vs. {two!r}")

    def assertNotAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Fail if `assertAllEqual` would not."""
        try:
            self.assertAllEqual(a, b)
        except AssertionError:
            return
        raise AssertionError(f"The two values are equal at all elements. {msg or ''}")

    def _compared(self, a: Any, holds: Callable[[Any], Any], what: str) -> None:
        array = _array(a)
        wrong = ~np.atleast_1d(holds(array))
        if np.any(wrong):
            shown = np.atleast_1d(array)[wrong][:10]
            raise self.failureException(f"Not all elements are {what}. {int(wrong.sum())} are not, such as {shown}")

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        """Fail unless all elements are greater."""
        self._compared(a, lambda x: x > comparison_target, f"greater than {comparison_target}")

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:
        """Fail unless all elements are greater or equal."""
        self._compared(a, lambda x: x >= comparison_target, f"at least {comparison_target}")

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:
        """Fail unless all elements are less."""
        self._compared(a, lambda x: x < comparison_target, f"less than {comparison_target}")

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:
        """Fail unless all elements are less or equal."""
        self._compared(a, lambda x: x <= comparison_target, f"at most {comparison_target}")

    def assertAllInRange(
        self, target: Any, lower_bound: Any, upper_bound: Any, open_lower_bound: bool = False,
        open_upper_bound: bool = False,
    ) -> None:  # fmt: skip
        """Fail unless all elements lie between two bounds."""
        if _array(target).dtype.kind not in "iufb":
            raise AssertionError(f"The value of {target!r} does not have an ordered numeric type")
        self._compared(
            target,
            lambda x: (
                (x > lower_bound if open_lower_bound else x >= lower_bound)
                & (x < upper_bound if open_upper_bound else x <= upper_bound)
            ),
            f"between {lower_bound} and {upper_bound}",
        )

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        """Fail unless all elements are in a set."""
        allowed = set(np.ravel(np.array(list(expected_set), object)).tolist())
        self._compared(target, lambda x: np.array([each in allowed for each in x.ravel().tolist()]), f"in {allowed}")

    def assertNear(self, f1: Any, f2: Any, err: Any, msg: str | None = None) -> None:
        """Fail unless two numbers differ by `err` at most."""
        one, two = float(_array(f1)), float(_array(f2))
        self.assertTrue(one == two or abs(one - two) <= err, f"{one!r} != {two!r} +/- {err!r} {msg or ''}")

    def assertArrayNear(self, farray1: Any, farray2: Any, err: Any, msg: str | None = None) -> None:
        """Fail unless the numbers of two lists differ by `err` at most."""
        self.assertEqual(len(farray1), len(farray2), msg)
        for one, two in zip(farray1, farray2, strict=True):
            self.assertNear(float(one), float(two), err, msg)

    def assertNDArrayNear(self, ndarray1: Any, ndarray2: Any, err: Any, msg: str | None = None) -> None:
        """Fail unless the distance of two arrays is less than `err`."""
        self.assertLess(np.linalg.norm(_array(ndarray1) - _array(ndarray2)), err, msg)

    # ---- shapes, dtypes, structures ----

    def assertShapeEqual(self, input_a: Any, input_b: Any, msg: str | None = None) -> None:
        """Fail unless two tensors or arrays have one shape."""
        shapes = []
        for each in (input_a, input_b):
            if not hasattr(each, "shape"):
                raise TypeError(f"Expected a Tensor or an ndarray. Received: {type(each)}")
            shapes.append(list(each.shape))
        self.assertEqual(shapes[0], shapes[1], msg)

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        """Fail unless all tensors in a structure have a dtype."""
        from functape._engine._dtypes import as_dtype

        for each in flatten(target):
            found = as_dtype(each.dtype if hasattr(each, "dtype") else _array(each).dtype)
            self.assertEqual(found, as_dtype(expected_dtype))

    def assertDeviceEqual(self, device1: Any, device2: Any, msg: str | None = None) -> None:
        """Fail unless two names stand for one device."""
        from functape._core._device import DeviceSpec

        names = [DeviceSpec.from_string(each).to_string() for each in (device1 or "", device2 or "")]
        self.assertEqual(names[0], names[1], msg)

    def assertSameStructure(self, a: Any, b: Any, aname: str = "a", bname: str = "b", msg: str | None = None) -> None:
        """Fail unless two nested structures are equal."""
        self.assertEqual(is_nested(a), is_nested(b), msg)
        self.assertEqual(a, b, msg)

    # ---- errors ----

    @contextlib.contextmanager
    def assertRaisesWithPredicateMatch(self, exception_type: Any, expected_err_re_or_predicate: Any) -> Iterator[None]:
        """Fail unless the block raises an exception whose text matches, or for which the predicate holds."""
        wanted = expected_err_re_or_predicate
        try:
            yield
        except exception_type as error:
            text = error.message if isinstance(error, OpError) else str(error)
            if not (wanted(error) if callable(wanted) else re.search(wanted, text)):
                raise AssertionError(
                    f"Exception of type {type(error)}: {error} is not as expected: {wanted}"
                ) from error
        else:
            self.fail(f"{getattr(exception_type, '__name__', exception_type)} not raised")

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> Any:
        """As `assertRaisesWithPredicateMatch`, for the errors of ops."""
        return self.assertRaisesWithPredicateMatch(OpError, expected_err_re_or_predicate)

    def assertRaisesIncompatibleShapesError(self, exception_type: Any = InvalidArgumentError) -> Any:
        """As `assertRaisesWithPredicateMatch`, for shapes that do not fit."""
        return self.assertRaisesWithPredicateMatch(exception_type, r"Incompatible shapes|must be equal|do not fit")

    @contextlib.contextmanager
    def assertRaisesWithLiteralMatch(self, expected_exception: Any, expected_exception_message: str) -> Iterator[None]:
        """Fail unless the block raises an exception with exactly this text."""
        with self.assertRaises(expected_exception) as caught:
            yield
        self.assertEqual(str(caught.exception), expected_exception_message)

    # ---- containers and text ----

    def assertLen(self, container: Any, expected_len: int, msg: str | None = None) -> None:
        """Fail unless a container has so many elements."""
        self.assertEqual(len(container), expected_len, msg)

    def assertEmpty(self, container: Any, msg: str | None = None) -> None:
        """Fail unless a container is empty."""
        self.assertEqual(len(container), 0, msg)

    def assertNotEmpty(self, container: Any, msg: str | None = None) -> None:
        """Fail if a container is empty."""
        self.assertGreater(len(container), 0, msg)

    def assertBetween(self, value: Any, minv: Any, maxv: Any, msg: str | None = None) -> None:
        """Fail unless a value lies between two bounds, or on one of them."""
        self.assertTrue(minv <= value <= maxv, msg or f"{value!r} unexpectedly not between {minv!r} and {maxv!r}")

    def assertItemsEqual(self, first: Any, second: Any, msg: str | None = None) -> None:
        """Fail unless two collections have the same elements, as often."""
        self.assertCountEqual(first, second, msg)

    def assertSameElements(self, expected_seq: Any, actual_seq: Any, msg: str | None = None) -> None:
        """Fail unless two collections have the same elements, however often."""
        self.assertEqual(set(expected_seq), set(actual_seq), msg)

    def assertContainsSubset(self, expected_subset: Any, actual_set: Any, msg: str | None = None) -> None:
        """Fail unless one set contains the other."""
        missing = set(expected_subset) - set(actual_set)
        self.assertFalse(missing, msg or f"Missing elements: {missing}")

    def assertNoCommonElements(self, expected_seq: Any, actual_seq: Any, msg: str | None = None) -> None:
        """Fail if two collections have an element in common."""
        self.assertFalse(set(expected_seq) & set(actual_seq), msg)

    def assertStartsWith(self, actual: Any, expected_start: Any, msg: str | None = None) -> None:
        """Fail unless a text begins with another."""
        self.assertTrue(actual.startswith(expected_start), msg or f"{actual!r} does not start with {expected_start!r}")

    def assertEndsWith(self, actual: Any, expected_end: Any, msg: str | None = None) -> None:
        """Fail unless a text ends with another."""
        self.assertTrue(actual.endswith(expected_end), msg or f"{actual!r} does not end with {expected_end!r}")

    def assertRegexMatch(self, actual_str: Any, regexes: Any, message: str | None = None) -> None:
        """Fail unless a text matches one of some patterns."""
        if isinstance(regexes, str | bytes):
            raise AssertionError("regexes must be a list of patterns")
        self.assertTrue(any(re.search(each, actual_str) for each in regexes), message or f"{actual_str!r} matches none")

    def assertSequenceStartsWith(self, prefix: Any, whole: Any, msg: str | None = None) -> None:
        """Fail unless a sequence begins with another."""
        self.assertEqual(list(prefix), list(whole)[: len(prefix)], msg)

    def assertSequenceAlmostEqual(
        self, expected_seq: Any, actual_seq: Any, places: int | None = None, msg: str | None = None,
        delta: float | None = None,
    ) -> None:  # fmt: skip
        """Fail unless the numbers of two sequences are almost equal."""
        self.assertEqual(len(expected_seq), len(actual_seq), msg)
        for one, two in zip(expected_seq, actual_seq, strict=True):
            self.assertAlmostEqual(one, two, places=places, msg=msg, delta=delta)  # type: ignore[arg-type]

    def assertDictAlmostEqual(
        self, a: Any, b: Any, places: int | None = None, msg: str | None = None, delta: float | None = None
    ) -> None:
        """Fail unless two dicts have the same keys and almost equal numbers."""
        self.assertEqual(set(a), set(b), msg)
        for key in a:
            self.assertAlmostEqual(a[key], b[key], places=places, msg=msg, delta=delta)  # type: ignore[arg-type]


class CheckedThread:
    """A thread whose exception fails the test when it is joined."""

    def __init__(
        self, case: TestCase, target: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        self._case = case
        self._error: BaseException | None = None
        self._joined = False

        def protected() -> None:
            try:
                target(*args, **kwargs)
            except BaseException as error:
                self._error = error

        self._thread = threading.Thread(target=protected)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait for the end, and fail if it raised."""
        self._thread.join()
        self._joined = True
        if self._error is not None:
            self._case.fail(f"Error in checkedThread: {self._error}")

    def is_alive(self) -> bool:
        """Whether it is still running."""
        return self._thread.is_alive()

    def check_termination(self) -> None:
        """Fail if it was not joined."""
        if not self._joined:
            self._case.fail("A checked thread was not joined.")


def _text(value: Any) -> Any:
    """Nested lists with text as bytes."""
    if isinstance(value, list | tuple):
        return [_text(each) for each in value]
    return value.encode() if isinstance(value, str) else value
