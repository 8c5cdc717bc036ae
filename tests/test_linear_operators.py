"""The operators of `tf.linalg` against TensorFlow: every kind, every method, gradients, promises, products, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow
from _sampling import sampled
from both_sides import assert_same_outcome
from oracle import Case, check, check_raises, check_signature, each

import functape

_draw = np.random.default_rng(0)
WHY = {"loosen": 3000, "because": "the condition number of the matrices multiplies rounding"}


def floats(*shape: int) -> np.ndarray[Any, Any]:
    return _draw.normal(size=shape)


def complexes(*shape: int) -> np.ndarray[Any, Any]:
    return floats(*shape) + 1j * floats(*shape)


def definite(*shape: int) -> np.ndarray[Any, Any]:
    half = floats(*shape)
    return half @ np.swapaxes(half, -1, -2) + 2 * np.eye(shape[-1])


def kind(name: str) -> Callable[[Any], Any]:
    return lambda tf: getattr(tf.linalg, f"LinearOperator{name}")


def spectrum_of(kernel: np.ndarray[Any, Any], depth: int) -> np.ndarray[Any, Any]:
    return np.fft.fftn(kernel, axes=range(-depth, 0))


PROMISED = {"is_self_adjoint": True, "is_positive_definite": True}


def block_diag(tf: Any, matrix: Any, diag: Any) -> Any:
    blocks = [tf.linalg.LinearOperatorFullMatrix(matrix), tf.linalg.LinearOperatorDiag(diag)]
    return tf.linalg.LinearOperatorBlockDiag(blocks)


def block_triangular(tf: Any, first: Any, below: Any, last: Any) -> Any:
    full = tf.linalg.LinearOperatorFullMatrix
    return tf.linalg.LinearOperatorBlockLowerTriangular(
        [[full(first)], [full(below), tf.linalg.LinearOperatorDiag(last)]]
    )


OPERATORS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "full": (lambda tf, m: tf.linalg.LinearOperatorFullMatrix(m), (floats(3, 3) + 3 * np.eye(3),)),
    "full batch": (lambda tf, m: tf.linalg.LinearOperatorFullMatrix(m), (floats(2, 3, 3) + 3 * np.eye(3),)),
    "full definite": (lambda tf, m: tf.linalg.LinearOperatorFullMatrix(m, **PROMISED), (definite(2, 3, 3),)),
    "full complex": (lambda tf, m: tf.linalg.LinearOperatorFullMatrix(m), (complexes(3, 3),)),
    "full wide": (lambda tf, m: tf.linalg.LinearOperatorFullMatrix(m), (floats(2, 3),)),
    "triangular": (lambda tf, m: tf.linalg.LinearOperatorLowerTriangular(m), (floats(2, 3, 3) + 3 * np.eye(3),)),
    "diag": (lambda tf, d: tf.linalg.LinearOperatorDiag(d), (floats(2, 3) + 3,)),
    "diag complex": (lambda tf, d: tf.linalg.LinearOperatorDiag(d), (complexes(3),)),
    "diag definite": (lambda tf, d: tf.linalg.LinearOperatorDiag(d, is_positive_definite=True), (np.abs(floats(3)),)),
    "identity": (lambda tf: tf.linalg.LinearOperatorIdentity(3, dtype=tf.float64), ()),
    "identity batch": (lambda tf: tf.linalg.LinearOperatorIdentity(3, batch_shape=[2], dtype=tf.float64), ()),
    "scaled": (lambda tf, c: tf.linalg.LinearOperatorScaledIdentity(3, c), (floats(2) + 3,)),
    "scaled complex": (lambda tf, c: tf.linalg.LinearOperatorScaledIdentity(3, c), (complexes(),)),
    "zeros": (lambda tf: tf.linalg.LinearOperatorZeros(3, batch_shape=[2], dtype=tf.float64), ()),
    "zeros wide": (
        lambda tf: tf.linalg.LinearOperatorZeros(2, 3, dtype=tf.float64, is_square=False, is_self_adjoint=False), ()
    ),
    "householder": (lambda tf, v: tf.linalg.LinearOperatorHouseholder(v), (floats(2, 3),)),
    "permutation": (lambda tf: tf.linalg.LinearOperatorPermutation([2, 0, 1], dtype=tf.float64), ()),
    "permutation batch": (
        lambda tf: tf.linalg.LinearOperatorPermutation([[2, 0, 1], [1, 0, 2]], dtype=tf.float64), ()
    ),
    "circulant": (lambda tf, s: tf.linalg.LinearOperatorCirculant(s, tf.complex128), (complexes(2, 3),)),
    "circulant real": (
        lambda tf, s: tf.linalg.LinearOperatorCirculant(s, tf.float64, is_self_adjoint=True),
        (np.array([3.0, 1.0, 1.0]),),
    ),
    "circulant of a kernel": (
        lambda tf, s: tf.linalg.LinearOperatorCirculant(s, tf.float64),
        (spectrum_of(np.array([[5.0, 1.0, -1.0], [4.0, 2.0, 0.5]]), 1),),
    ),
    "circulant 2d": (lambda tf, s: tf.linalg.LinearOperatorCirculant2D(s, tf.complex128), (complexes(2, 3),)),
    "circulant 2d batch": (
        lambda tf, s: tf.linalg.LinearOperatorCirculant2D(s, tf.complex128), (complexes(2, 2, 2),)
    ),
    "circulant 3d": (lambda tf, s: tf.linalg.LinearOperatorCirculant3D(s, tf.complex128), (complexes(2, 1, 2),)),
    "toeplitz": (
        lambda tf, c, r: tf.linalg.LinearOperatorToeplitz(c, r), (floats(2, 3) + [3, 0, 0], floats(2, 3))
    ),
    "tridiag": (lambda tf, d: tf.linalg.LinearOperatorTridiag(d), (floats(3, 4) + [[0], [4], [0]],)),
    "tridiag complex": (lambda tf, d: tf.linalg.LinearOperatorTridiag(d), (complexes(3, 4),)),
    "tridiag sequence": (
        lambda tf, u, d, w: tf.linalg.LinearOperatorTridiag([u, d, w], "sequence"),
        (floats(4), floats(4) + 4, floats(4)),
    ),
    "tridiag matrix": (
        lambda tf, m: tf.linalg.LinearOperatorTridiag(m, "matrix"), (np.triu(np.tril(floats(3, 3) + 2, 1), -1),)
    ),
    "adjoint": (
        lambda tf, m: tf.linalg.LinearOperatorAdjoint(tf.linalg.LinearOperatorFullMatrix(m)), (complexes(2, 3, 3),)
    ),
    "inversion": (
        lambda tf, m: tf.linalg.LinearOperatorInversion(tf.linalg.LinearOperatorFullMatrix(m)),
        (floats(3, 3) + 3 * np.eye(3),),
    ),
    "composition": (
        lambda tf, m, d: tf.linalg.LinearOperatorComposition(
            [tf.linalg.LinearOperatorFullMatrix(m), tf.linalg.LinearOperatorDiag(d)]
        ),
        (floats(2, 3, 3), floats(3)),
    ),
    "kronecker": (
        lambda tf, m, d: tf.linalg.LinearOperatorKronecker(
            [tf.linalg.LinearOperatorFullMatrix(m), tf.linalg.LinearOperatorDiag(d)]
        ),
        (floats(2, 2, 2), floats(3)),
    ),
    "kronecker of three": (
        lambda tf, m, d, n: tf.linalg.LinearOperatorKronecker(
            [tf.linalg.LinearOperatorFullMatrix(m), tf.linalg.LinearOperatorDiag(d),
             tf.linalg.LinearOperatorFullMatrix(n)]
        ),
        (complexes(2, 2), complexes(1), complexes(3, 3)),
    ),
    "low rank": (
        lambda tf, d, u, c, v: tf.linalg.LinearOperatorLowRankUpdate(
            tf.linalg.LinearOperatorFullMatrix(d), u, c, v, is_non_singular=True
        ),
        (floats(3, 3) + 3 * np.eye(3), floats(2, 3, 2), floats(2), floats(3, 2)),
    ),
    "low rank complex": (
        lambda tf, d, u, c, v: tf.linalg.LinearOperatorLowRankUpdate(
            tf.linalg.LinearOperatorDiag(d, is_non_singular=True), u, c, v
        ),
        (complexes(3), complexes(3, 2), complexes(2), complexes(3, 2)),
    ),
    "low rank definite": (
        lambda tf, d, u: tf.linalg.LinearOperatorLowRankUpdate(
            tf.linalg.LinearOperatorDiag(d, is_positive_definite=True), u
        ),
        (np.abs(floats(3)) + 1, floats(3, 2)),
    ),
    "block diag": (block_diag, (floats(2, 2, 2) + 3 * np.eye(2), floats(3))),
    "block diag not square": (
        lambda tf, m, n: tf.linalg.LinearOperatorBlockDiag(
            [tf.linalg.LinearOperatorFullMatrix(m), tf.linalg.LinearOperatorFullMatrix(n)], is_square=None
        ),
        (floats(2, 3), floats(2, 1)),
    ),
    "block triangular": (block_triangular, (floats(2, 2, 2) + 3 * np.eye(2), floats(1, 2), floats(1))),
    "user's": (lambda tf, c: _swap(tf, c), (floats(),)),
}  # fmt: skip


def _swap(tf: Any, factor: Any) -> Any:
    class Swap(tf.linalg.LinearOperator):
        """Two numbers exchanged and multiplied, by a class of the user's."""

        def __init__(self, factor: Any) -> None:
            super().__init__(dtype=factor.dtype, is_non_singular=True, parameters={"factor": factor}, name="swap")
            self.factor = factor

        def _shape(self) -> Any:
            return tf.TensorShape([2, 2])

        def _matmul(self, x: Any, adjoint: bool = False, adjoint_arg: bool = False) -> Any:
            x = tf.linalg.adjoint(x) if adjoint_arg else x
            return self.factor * tf.reverse(x, [-2])

    return Swap(factor)


def length(operator: Any, of_domain: bool = True) -> int:
    return int(operator.shape[-1 if of_domain else -2])


def numbers(tf: Any, operator: Any, *shape: int) -> Any:
    values = np.random.default_rng(7).normal(size=shape)
    return tf.cast(tf.constant(values), operator.dtype)


METHODS: dict[str, Callable[[Any, Any], Any]] = {
    "to_dense": lambda tf, a: a.to_dense(),
    "matmul": lambda tf, a: a.matmul(numbers(tf, a, length(a), 2)),
    "matmul adjoint": lambda tf, a: a.matmul(numbers(tf, a, length(a, False), 2), adjoint=True),
    "matmul with an adjoint": lambda tf, a: a.matmul(numbers(tf, a, 3, 1, 2, length(a)), adjoint_arg=True)[:2, 0],
    "matvec": lambda tf, a: [a.matvec(numbers(tf, a, length(a))), a @ numbers(tf, a, length(a), 1)],
    "matvec adjoint": lambda tf, a: a.matvec(numbers(tf, a, length(a, False)), adjoint=True),
    "solve": lambda tf, a: a.solve(numbers(tf, a, length(a), 2)),
    "solve adjoint": lambda tf, a: a.solve(numbers(tf, a, 2, length(a)), adjoint=True, adjoint_arg=True),
    "solvevec": lambda tf, a: a.solvevec(numbers(tf, a, length(a))),
    "diag_part": lambda tf, a: a.diag_part(),
    "trace": lambda tf, a: a.trace(),
    "determinant": lambda tf, a: a.determinant(),
    "log_abs_determinant": lambda tf, a: a.log_abs_determinant(),
    "add_to_tensor": lambda tf, a: a.add_to_tensor(numbers(tf, a, *a.shape)),
    "eigvals": lambda tf, a: tf.sort(tf.math.real(a.eigvals()), -1),
    "cond": lambda tf, a: tf.math.real(a.cond()),
    "adjoint": lambda tf, a: [a.adjoint().to_dense(), a.H.matvec(numbers(tf, a, length(a, False)))],
    "inverse": lambda tf, a: [a.inverse().to_dense(), a.inverse().matvec(numbers(tf, a, length(a)))],
    "cholesky": lambda tf, a: a.cholesky().to_dense(),
    "assertions": lambda tf, a: [
        _outcome(tf, each) or "holds"
        for each in (a.assert_non_singular, a.assert_positive_definite, a.assert_self_adjoint)
    ],
    "of functions": lambda tf, a: [
        tf.linalg.trace(a), tf.linalg.diag_part(a), tf.matmul(a, numbers(tf, a, length(a), 2)),
        tf.matmul(numbers(tf, a, 2, length(a, False)), a), tf.linalg.matvec(a, numbers(tf, a, length(a))),
    ],
    "a product": lambda tf, a: a.matmul(tf.linalg.LinearOperatorDiag(numbers(tf, a, length(a)))).to_dense(),
    "a quotient": lambda tf, a: a.solve(tf.linalg.LinearOperatorDiag(numbers(tf, a, length(a)))).to_dense(),
    "what is known": lambda tf, a: [
        a.shape.as_list(), a.batch_shape.as_list(), a.tensor_rank, length(a), a.shape_tensor(), a.batch_shape_tensor(),
        a.tensor_rank_tensor(), a.domain_dimension_tensor(), a.range_dimension_tensor(), a.name, a.dtype.name,
        a.is_non_singular, a.is_self_adjoint, a.is_positive_definite, a.is_square, sorted(a.parameters),
    ],
}  # fmt: skip


def _outcome(tf: Any, function: Callable[[], Any]) -> Any:
    try:
        return function()
    except (NotImplementedError, ValueError, tf.errors.InvalidArgumentError) as error:
        return type(error).__name__


COMPLEX_DETERMINANT = "TensorFlow's gradient of a complex determinant or product lacks a conjugate"
COMPLEX_TRIDIAGONAL = "TensorFlow's gradient of a complex tridiagonal system lacks a conjugate"
WRONG_GRADIENTS = {
    **dict.fromkeys(
        (
            "full complex: determinant",
            "diag complex: determinant",
            "adjoint: determinant",
            "kronecker of three: determinant",
            "low rank complex: determinant",
            "tridiag complex: determinant",
            "low rank complex: log_abs_determinant",
            "circulant: determinant",
            "circulant of a kernel: determinant",
            "circulant 2d: determinant",
            "circulant 2d batch: determinant",
            "circulant 3d: determinant",
        ),
        COMPLEX_DETERMINANT,
    ),
    **dict.fromkeys(
        (f"tridiag complex: {each}" for each in ("solve", "solve adjoint", "solvevec", "inverse", "a quotient")),
        COMPLEX_TRIDIAGONAL,
    ),
}
"""Cases whose values alone are compared, and why."""

NO_BATCH = "TensorFlow's operator takes no further batch axes here"
NO_COMPLEX_CHECK = "TensorFlow cannot compare the complex condition number"
OURS_ALONE = {
    **{f"{each}: matmul with an adjoint": NO_BATCH for each in OPERATORS if each.startswith("tridiag")},
    "scaled: a product": NO_BATCH,
    "scaled: a quotient": NO_BATCH,
    **{
        f"{each}: {method}": "TensorFlow's adjoint forgets the dtype"
        for each in OPERATORS
        for method in ("adjoint",)
        if each.startswith("circulant")
    },
    **{f"{each}: assertions": NO_COMPLEX_CHECK for each in ("full complex", "tridiag complex", "adjoint",
                                                            "kronecker of three")},
    **{f"{each}: assertions": "TensorFlow calls itself without end" for each in ("low rank", "low rank complex")},
    "block diag not square: cond": "infinite but for rounding",
}  # fmt: skip
"""Cases that TensorFlow fails, and why; the dense matrix is the judge."""


def cases_of(operator: str) -> list[str]:
    return [each for each in METHODS if f"{operator}: {each}" not in OURS_ALONE]


def _value_cases() -> list[Case]:
    return [
        Case(
            operator,
            lambda tf, *values, operator=operator, make=make: {
                method: _outcome(tf, lambda: METHODS[method](tf, make(tf, *values)))  # noqa: B023
                for method in cases_of(operator)
            },
            inputs, 0, **WHY,
        )
        for operator, (make, inputs) in OPERATORS.items()
    ]  # fmt: skip


@each(sampled("values of linear operators", _value_cases(), 6))
def test_values(case: Case):
    check(case)


def _gradient_cases() -> list[Case]:
    once = ("to_dense", "matmul", "matvec", "diag_part", "trace", "add_to_tensor", "of functions", "eigvals", "cond")
    cases = []
    for operator, (make, inputs) in OPERATORS.items():
        for method in cases_of(operator):
            name = f"{operator}: {method}"
            if inputs and name not in WRONG_GRADIENTS and method not in ("what is known", "assertions"):
                order = 1 if method.startswith(once) or method.startswith("a ") else 2
                cases.append(
                    Case(
                        name,
                        lambda tf, *values, make=make, method=method: _outcome(
                            tf, lambda: METHODS[method](tf, make(tf, *values))
                        ),
                        inputs, order, **WHY,
                    )
                )  # fmt: skip
    return cases


@each(sampled("gradients of linear operators", _gradient_cases(), 5))
def test_gradients(case: Case):
    check(case)


def dense_of(name: str, tf: Any) -> tuple[Any, Any]:
    make, inputs = OPERATORS[name]
    operator = make(tf, *map(tf.constant, inputs))
    return operator, operator.to_dense().numpy()


@pytest.mark.parametrize("name", sampled("dense", sorted({each.partition(":")[0] for each in OURS_ALONE}), 2))
def test_what_tensorflow_fails_follows_from_the_dense_matrix(name: str):
    tf = functape
    operator, dense = dense_of(name, tf)
    close = {"rtol": 1e-8, "atol": 1e-10}
    adjoint = np.conj(np.swapaxes(dense, -1, -2))
    x = np.random.default_rng(3).normal(size=(2, 1, 2, dense.shape[-1])).astype(dense.dtype)
    np.testing.assert_allclose(
        operator.matmul(x, adjoint_arg=True).numpy(), dense @ np.conj(np.swapaxes(x, -1, -2)), **close
    )
    np.testing.assert_allclose(operator.H.to_dense().numpy(), adjoint, **close)
    assert operator.H.dtype == operator.dtype
    if operator.is_square and np.all(np.linalg.cond(dense) < 1e6):
        diagonal = np.arange(1.0, 1.0 + dense.shape[-1]).astype(dense.dtype)
        other = tf.linalg.LinearOperatorDiag(diagonal)
        np.testing.assert_allclose(operator.matmul(other).to_dense().numpy(), dense * diagonal, **close)
        wanted = np.linalg.solve(dense, np.broadcast_to(np.diag(diagonal), dense.shape))
        np.testing.assert_allclose(operator.solve(other).to_dense().numpy(), wanted, **close)
        operator.assert_non_singular()


PAIRS = ("identity", "scaled", "diag", "diag definite", "triangular", "full", "circulant", "circulant 2d", "block diag",
         "zeros", "inversion", "composition")  # fmt: skip


def described(operator: Any) -> Any:
    """What is known of a product, without its elements."""
    return [
        type(operator).__name__, operator.is_non_singular, operator.is_self_adjoint, operator.is_positive_definite,
        operator.is_square, operator.shape.as_list(),
    ]  # fmt: skip


def small(tf: Any, name: str) -> Any:
    operators = tf.linalg
    one = np.array([[2.0, 1.0], [0.5, 3.0]])
    full, diag = operators.LinearOperatorFullMatrix, operators.LinearOperatorDiag
    made = {
        "identity": lambda: operators.LinearOperatorIdentity(2, dtype=tf.float64),
        "scaled": lambda: operators.LinearOperatorScaledIdentity(2, tf.constant(2.0, tf.float64)),
        "diag": lambda: diag(tf.constant([1.0, -2.0], tf.float64)),
        "diag definite": lambda: diag(tf.constant([1.0, 2.0], tf.float64), is_positive_definite=True),
        "triangular": lambda: operators.LinearOperatorLowerTriangular(tf.constant(one), is_non_singular=True),
        "full": lambda: full(tf.constant(one), is_self_adjoint=False),
        "circulant": lambda: operators.LinearOperatorCirculant(tf.constant([2.0, 1.0], tf.float64), tf.float64),
        "circulant 2d": lambda: operators.LinearOperatorCirculant2D(tf.constant([[2.0, 1.0]], tf.float64), tf.float64),
        "block diag": lambda: operators.LinearOperatorBlockDiag(
            [full(tf.constant([[2.0]], tf.float64)), diag(tf.constant([3.0], tf.float64))]
        ),
        "zeros": lambda: operators.LinearOperatorZeros(2, dtype=tf.float64),
        "inversion": lambda: operators.LinearOperatorInversion(full(tf.constant(one))),
        "composition": lambda: operators.LinearOperatorComposition([full(tf.constant(one)), full(tf.constant(one))]),
    }
    return made[name]()


@pytest.mark.parametrize("left", sampled("products of linear operators", PAIRS, 2))
def test_products_and_quotients(left: str):
    def program(tf: Any) -> Any:
        made = {}
        for right in PAIRS:
            for method in ("matmul", "solve"):
                found = _outcome(tf, lambda: getattr(small(tf, left), method)(small(tf, right)))  # noqa: B023
                # TensorFlow loses the dtype in a product of circulants.
                bare = isinstance(found, str) or left.startswith("circulant")
                made[right, method] = found if isinstance(found, str) else described(found)
                made[right, method, "dense"] = None if bare else found.to_dense()
        return list(made.values())

    assert_same_outcome(program, loosen=1000)


def test_a_matrix_and_its_adjoint():
    def program(tf: Any) -> Any:
        full = tf.linalg.LinearOperatorFullMatrix(tf.constant([[2.0, 1.0]], tf.float64))
        lower = small(tf, "triangular")
        both = [
            tf.linalg.LinearOperatorComposition([full, full.H]),
            lower.matmul(lower.H),
            tf.linalg.LinearOperatorComposition([lower, lower.H]),
        ]
        factor = both[2].cholesky()
        return [described(each) for each in both], described(factor), factor.to_dense(), both[2].name

    assert_same_outcome(program, loosen=100)


BATCHES = {
    "full batch": (0, slice(1, 2), (Ellipsis,), -1),
    "diag": (0, slice(0, 1), slice(None, None, -1)),
    "low rank": (0, slice(1, 2)),
    "kronecker": (1,),
    "composition": (1, (Ellipsis, 0)),
    "block triangular": (1,),
    "tridiag sequence": ((Ellipsis,),),
    "identity batch": (0, slice(0, 1)),
    "zeros": (0,),
    "scaled": (1,),
    "circulant": (1,),
    "householder": (1,),
    "adjoint": (1,),
}


@pytest.mark.parametrize("name", sampled("slices of linear operators", BATCHES, 4))
def test_slices_of_batches(name: str):
    tf = functape
    operator, dense = dense_of(name, tf)
    for index in BATCHES[name]:
        part = operator[index]
        assert type(part) is type(operator)
        wanted = dense[(*(index if isinstance(index, tuple) else (index,)), *[slice(None)] * 2)]
        if index != (Ellipsis,) and Ellipsis not in np.atleast_1d(np.array(index, object)).tolist():
            wanted = dense[index]
        np.testing.assert_allclose(part.to_dense().numpy(), wanted, rtol=1e-9, atol=1e-10)


def test_blocks_by_block():
    def program(tf: Any) -> Any:
        diag = block_diag(tf, tf.constant(OPERATORS["block diag"][1][0]), tf.constant(OPERATORS["block diag"][1][1]))
        triangular = block_triangular(tf, *map(tf.constant, OPERATORS["block triangular"][1]))
        results = []
        for operator, sizes in ((diag, (2, 3)), (triangular, (2, 1))):
            vectors = [numbers(tf, operator, size) for size in sizes]
            matrices = [numbers(tf, operator, size, 2) for size in sizes]
            for adjoint in (False, True):
                results += [
                    operator.matvec(list(vectors), adjoint), operator.matmul(list(matrices), adjoint),
                    operator.solvevec(list(vectors), adjoint), operator.solve(list(matrices), adjoint),
                ]  # fmt: skip
        return results

    assert_same_outcome(program, loosen=1000)


def test_variables_are_found_and_read_when_needed():
    def program(tf: Any) -> Any:
        scale = tf.Variable([2.0, 3.0], name="scale")
        shift = tf.Variable([[1.0], [1.0]], name="shift", trainable=False)
        operator = tf.linalg.LinearOperatorLowRankUpdate(tf.linalg.LinearOperatorDiag(scale), shift)
        inverse = tf.linalg.LinearOperatorInversion(operator)

        @tf.function
        def step(x: Any) -> Any:
            with tf.GradientTape() as tape:
                loss = tf.reduce_sum(operator.matvec(x) ** 2) - operator.log_abs_determinant()
            gradient = tape.gradient(loss, operator.trainable_variables)
            scale.assign_sub(0.01 * gradient[0])
            return loss, gradient

        names = [sorted(each.name for each in found) for found in (inverse.variables, inverse.trainable_variables)]
        steps = [step(tf.constant([1.0, 2.0])) for _ in range(3)]
        return names, len(inverse.submodules), steps, operator.to_dense(), inverse.matvec([1.0, 1.0])

    assert_same_outcome(program, loosen=50)


def test_operators_are_arguments_of_functions():
    def program(tf: Any) -> Any:
        @tf.function
        def apply(operator: Any, x: Any) -> Any:
            return operator.matvec(x)

        diag = tf.constant([1.0, 2.0])
        with tf.GradientTape() as tape:
            tape.watch(diag)
            y = apply(tf.linalg.LinearOperatorDiag(diag), tf.constant([3.0, 4.0]))
        return y, tape.gradient(y, diag)

    assert_same_outcome(program)


ONE = [[1.0, 2.0], [3.0, 4.0]]
ERRORS: dict[str, Callable[[Any], Any]] = {
    "abstract": lambda tf: tf.linalg.LinearOperator(tf.float32),
    "no matrix": lambda tf: kind("FullMatrix")(tf)([1.0]),
    "a matrix of ints": lambda tf: kind("FullMatrix")(tf)([[1]]),
    "definite and singular": lambda tf: kind("FullMatrix")(tf)(ONE, is_positive_definite=True, is_non_singular=False),
    "not square after all": lambda tf: kind("FullMatrix")(tf)(ONE, is_square=False).is_square,
    "non-singular and not square": lambda tf: kind("FullMatrix")(tf)(ONE, is_non_singular=True, is_square=False),
    "another dtype": lambda tf: kind("FullMatrix")(tf)(ONE).matmul(tf.ones([2, 2], tf.float64)),
    "another length": lambda tf: kind("FullMatrix")(tf)(ONE).matmul(tf.ones([3, 2])),
    "another vector": lambda tf: kind("FullMatrix")(tf)(ONE).matvec(tf.ones([3])),
    "a vector": lambda tf: kind("FullMatrix")(tf)(ONE).matmul([1.0, 2.0]),
    "a scalar": lambda tf: kind("FullMatrix")(tf)(ONE).matvec(1.0),
    "another operator": lambda tf: kind("FullMatrix")(tf)(ONE).matmul(kind("Identity")(tf)(3)),
    "eigenvalues": lambda tf: kind("FullMatrix")(tf)(ONE).eigvals(),
    "factor": lambda tf: kind("FullMatrix")(tf)(ONE).cholesky(),
    "factor by function": lambda tf: tf.linalg.cholesky(kind("FullMatrix")(tf)(ONE)),
    "logdet": lambda tf: tf.linalg.logdet(kind("FullMatrix")(tf)(ONE)),
    "transposed": lambda tf: tf.matmul(kind("FullMatrix")(tf)(ONE), tf.ones([2, 2]), transpose_a=True),
    "a tensor by an operator": lambda tf: tf.linalg.solve(tf.ones([2, 2]), kind("FullMatrix")(tf)(ONE)),
    "an operator as a tensor": lambda tf: tf.convert_to_tensor(kind("FullMatrix")(tf)(ONE)),
    "wide determinant": lambda tf: kind("FullMatrix")(tf)([[1.0, 2.0]]).determinant(),
    "wide solve": lambda tf: kind("FullMatrix")(tf)([[1.0, 2.0]]).solve([[1.0]]),
    "wide inverse": lambda tf: kind("FullMatrix")(tf)([[1.0, 2.0]]).inverse(),
    "singular solve": lambda tf: kind("FullMatrix")(tf)(ONE, is_non_singular=False).solve([[1.0], [1.0]]),
    "singular inverse": lambda tf: kind("FullMatrix")(tf)(ONE, is_non_singular=False).inverse(),
    "not definite": lambda tf: kind("FullMatrix")(tf)(ONE).assert_positive_definite(),
    "not self-adjoint": lambda tf: kind("FullMatrix")(tf)(ONE).assert_self_adjoint(),
    "singular": lambda tf: kind("FullMatrix")(tf)(tf.ones([2, 2])).assert_non_singular(),
    "a scalar diagonal": lambda tf: kind("Diag")(tf)(1.0),
    "a real diagonal": lambda tf: kind("Diag")(tf)([1.0], is_self_adjoint=False),
    "a wide diagonal": lambda tf: kind("Diag")(tf)([1.0], is_square=False),
    "zero in a diagonal": lambda tf: kind("Diag")(tf)([0.0, 1.0]).assert_non_singular(),
    "negative diagonal": lambda tf: kind("Diag")(tf)([-1.0, 1.0]).assert_positive_definite(),
    "imaginary diagonal": lambda tf: kind("Diag")(tf)([1j, 1.0]).assert_self_adjoint(),
    "identity of floats": lambda tf: kind("Identity")(tf)(2.0),
    "identity of less than nothing": lambda tf: kind("Identity")(tf)(-2),
    "identity, a list": lambda tf: kind("Identity")(tf)([2]),
    "identity, a batch": lambda tf: kind("Identity")(tf)(2, batch_shape=3),
    "identity, a batch of floats": lambda tf: kind("Identity")(tf)(2, batch_shape=[3.0]),
    "identity, a variable": lambda tf: kind("Identity")(tf)(tf.Variable(2)),
    "identity, singular": lambda tf: kind("Identity")(tf)(2, is_non_singular=False),
    "scaled of floats": lambda tf: kind("ScaledIdentity")(tf)(2.0, 1.0),
    "zeros, wide": lambda tf: kind("Zeros")(tf)(2, 3),
    "zeros, non-singular": lambda tf: kind("Zeros")(tf)(2, is_non_singular=True),
    "zeros checked": lambda tf: kind("Zeros")(tf)(2).assert_non_singular(),
    "a triangle of a vector": lambda tf: kind("LowerTriangular")(tf)([1.0]),
    "a triangle, not square": lambda tf: kind("LowerTriangular")(tf)(ONE, is_square=False),
    "a definite reflection": lambda tf: kind("Householder")(tf)([1.0], is_positive_definite=True),
    "a reflection checked": lambda tf: kind("Householder")(tf)([1.0]).assert_positive_definite(),
    "no permutation": lambda tf: kind("Permutation")(tf)([0, 0]),
    "a permutation of floats": lambda tf: kind("Permutation")(tf)([0.0, 1.0]),
    "a singular permutation": lambda tf: kind("Permutation")(tf)([0, 1], is_non_singular=False),
    "a spectrum of no axis": lambda tf: kind("Circulant")(tf)(1.0),
    "a spectrum of one axis": lambda tf: kind("Circulant2D")(tf)([1.0]),
    "a real spectrum": lambda tf: kind("Circulant")(tf)([1.0], is_self_adjoint=False),
    "no Hermitian spectrum": lambda tf: kind("Circulant")(tf)([1.0 + 0j, 1j, 0.5]).assert_hermitian_spectrum(),
    "lengths of a Toeplitz matrix": lambda tf: kind("Toeplitz")(tf)([1.0, 2.0], [1.0]),
    "a format": lambda tf: kind("Tridiag")(tf)(tf.ones([3, 3]), "dense"),
    "contradiction": lambda tf: kind("Adjoint")(tf)(kind("Diag")(tf)([1.0], is_non_singular=True), False),
    "inverse of a singular one": lambda tf: kind("Inversion")(tf)(kind("Zeros")(tf)(2)),
    "no operators": lambda tf: kind("Composition")(tf)([]),
    "dtypes": lambda tf: kind("Composition")(tf)([kind("Identity")(tf)(2), kind("Identity")(tf)(2, dtype=tf.float64)]),
    "shapes": lambda tf: kind("Composition")(tf)([kind("Identity")(tf)(2), kind("Identity")(tf)(3)]).shape,
    "singular after all": lambda tf: kind("Kronecker")(tf)([kind("Identity")(tf)(2)], is_non_singular=False),
    "an update of another length": lambda tf: kind("LowRankUpdate")(tf)(kind("Identity")(tf)(2), [[1.0]] * 3),
    "rows of blocks": lambda tf: kind("BlockLowerTriangular")(tf)([[kind("Identity")(tf)(2)] * 2]),
    "shapes of blocks": lambda tf: kind("BlockLowerTriangular")(tf)(
        [[kind("Identity")(tf)(2)], [kind("Identity")(tf)(3), kind("Identity")(tf)(2)]]
    ),
    "a block too long": lambda tf: kind("BlockDiag")(tf)([kind("Identity")(tf)(2)] * 2).matvec(
        [tf.ones([2]), tf.ones([3])]
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name: str):
    check_raises(Case(name, ERRORS[name]))


NAMES = sorted(name for name in dir(tensorflow.linalg) if name.startswith("LinearOperator"))


@pytest.mark.parametrize("name", NAMES)
def test_signature(name: str):
    theirs, ours = (getattr(tf.linalg, name) for tf in (tensorflow, functape))
    if name != "LinearOperator":
        check_signature(theirs, ours)
    for method in dir(theirs):
        if method in METHODS or method.startswith("assert_") or method.endswith("_tensor") and method[0] != "_":
            check_signature(getattr(theirs, method), getattr(ours, method))


def test_a_wrong_value_would_be_found():
    def wrong(tf: Any, m: Any) -> Any:
        return tf.linalg.LinearOperatorFullMatrix(m * (1 if tf is tensorflow else 1 + 1e-8)).determinant()

    with pytest.raises(AssertionError):
        check(Case("wrong", wrong, OPERATORS["full"][1], 0, **WHY))
