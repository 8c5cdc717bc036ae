"""Each construct of the language in a converted function: as Python runs it, and over tensors where it decides."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import sys

import numpy as np
import pytest

import functape
from functape import autograph

CASES: list = []


def case(*calls):
    """Collects a function with arguments to call it with."""

    def add(function):
        CASES.append(pytest.param(function, calls, id=function.__name__))
        return function

    return add


@dataclasses.dataclass
class Point:
    x: int
    y: int


@case(
    1, 2, 7, [4, 5, 6], [1, 2], (9,), {"z": 1, "w": 2}, Point(0, 1), Point(1, 2), "text", None, 1.5, b"b", [[1], [2, 3]]
)
def match_statement(value):
    match value:
        case 1 | 2:
            found = "small"
        case [a, *b] if a == 4:
            found = ("guarded", a, b)
        case [[1], [*inner]]:
            found = ("nested", inner)
        case [a, b]:
            found = ("pair", a, b)
        case (9,):
            found = "nine"
        case {"z": z, **others}:
            found = ("mapping", z, others)
        case Point(x=0, y=yy):
            found = ("on the axis", yy)
        case Point(xx, yy) as point:
            found = ("point", xx, yy, point)
        case str(text) | bytes(text):
            found = text
        case None:
            found = "none"
        case other if other == 7:
            found = "seven"
        case _:
            found = "other"
    return found


@case(1, 2, 3)
def match_without_a_match(value):
    found = 0
    match value:
        case 1:
            found = "one"
        case 2 if value > 5:
            found = "never"
    return found


@case(0, 1, 2)
def match_returns(value):
    match value:
        case 0:
            return "zero"
        case n if n > 1:
            return n
    return "fell through"


@case(1, 0)
def except_as(value):
    try:
        found = 1 / value
    except ZeroDivisionError as error:
        found = str(error)
        try:
            raise KeyError("inner") from error
        except KeyError as inner:
            found = (found, inner.args, type(inner.__cause__).__name__)
    else:
        found += 1
    finally:
        last = "done"
    return found, last


@case(3, 0, -2)
def walrus(value):
    if (double := value * 2) > 3 and double < 100:
        found = [double]
    else:
        found = [-double]
    found.append((triple := value * 3) + triple)
    count = 0
    while (value := value - 1) > 0:
        if value == 1:
            continue
        count += 1
    return found, count, value


@case(3, -1)
def formatted_strings(value):
    name = "x"
    text = f"{name}={value!r:>4} {value + 1:+d} {'yes' if value > 0 else 'no'} {max([value, 2])} {{}}"
    return text + f"{f'{value}'}"


@case(5, 2)
def loops_with_else(limit):
    found = []
    for i in range(4):
        if i == limit:
            found.append("left")
            break
    else:
        found.append("ran through")
    while limit > 0:
        limit -= 1
        if limit == 3:
            break
    else:
        found.append("ended")
    for _ in []:
        pass
    else:
        found.append("nothing")
    return found


@case(4)
def comprehensions(n):
    pairs = [(i, j) for i in range(n) if i % 2 for j in range(i)]
    return pairs, {i: i * i for i in range(n)}, {i % 2 for i in range(n)}, sum(i for i in range(n)), [*pairs, n]


@case((1, 2), (3, 4))
def unpacking(pair):
    first, second = pair
    head, *tail = [first, second, 3]
    values = {"a": first, **dict(b=second)}
    (u, v), w = (first, second), tail
    u += v
    return head, tail, values, u, v, w


@case(2)
def closures(n):
    total = 0

    def add(k=n, *rest, scale=2, **more):
        nonlocal total
        total += k * scale + sum(rest)
        return total

    add()
    add(1, 2, 3, scale=4)
    functions = [lambda i=i: i * total for i in range(3)]
    return total, [f() for f in functions], add.__name__


@case(3)
def slices_and_operators(n):
    values = list(range(10))
    values[1:3] = [n]
    values[0] += 5
    values[-1] //= 2
    del values[2]
    return values[::2], values[n:], values[-1] @ np.eye(1) if n < 0 else values[0] ** 2, n in values, n not in values


@contextlib.contextmanager
def entered(name, log):
    log.append("in " + name)
    yield name
    log.append("out " + name)


@case(3)
def with_statements(n):
    log = []
    with entered("a", log) as a, entered("b", log):
        if n > 1:
            log.append(a)
        with contextlib.suppress(KeyError):
            raise KeyError(n)
    return log


@case(2)
def globals_and_locals(n):
    here = sorted(name for name in locals() if not name.endswith("_") and "scope" not in name and name != "do_return")
    return here, "Point" in globals(), eval("n + 1")


@case(3)
def assertions(n):
    assert n > 2, f"{n} is too small"
    assert n, "zero"
    assert n
    return n


@case(3)
def annotated(n: int) -> int:
    total: int = n
    unset: str
    total += 1
    return total


@pytest.mark.parametrize(("function", "calls"), CASES)
def test_as_python_runs_it(function, calls):
    converted = autograph.to_graph(function)
    for value in calls:
        assert _comparable(converted(value)) == _comparable(function(value))


def _comparable(value):
    return repr(value)


def test_a_failing_assertion():
    converted = autograph.to_graph(assertions)
    with pytest.raises(AssertionError, match="2 is too small"):
        converted(2)


# ---- over tensors ------------------------------------------------------------------------------------------------


def run(function, *values):
    made = functape.function(function)(*[functape.constant(value) for value in values])
    return made.numpy() if hasattr(made, "numpy") else made


def test_match_on_python_values_around_tensors():
    def function(x, mode):
        match mode:
            case "square" if x.shape.rank == 0:
                y = x * x
            case ("scale", k) | ["scale", k]:
                y = x * k
            case _:
                y = x
        if y > 10.0:
            y = y - 10.0
        return y

    converted = functape.function(function)
    x = functape.constant(4.0)
    assert [converted(x, mode).numpy() for mode in ("square", ("scale", 2.0), None)] == [6.0, 8.0, 4.0]


def test_match_on_a_tensor():
    def function(x):
        match x:
            case 1:
                y = 10.0
            case 2 | 3:
                y = 20.0
            case _:
                y = 30.0
        return y

    assert [run(function, value) for value in (1, 2, 3, 4)] == [10.0, 20.0, 20.0, 30.0]


def test_walrus_on_tensors():
    def function(x):
        if (y := x * 2.0) > 3.0:
            x = y + 1.0
        while (x := x + 1.0) < 10.0:
            y += 1.0
        return x + y

    assert run(function, 1.0) == 10.0 + 2.0 + 8.0
    assert run(function, 4.0) == 10.0 + 8.0


def test_else_of_loops_over_tensors():
    def function(x):
        y = 0.0
        for i in functape.range(4):
            if i == x:
                y = 1.0
                break
            y = 2.0
        else:
            y = 3.0
        return y

    assert run(function, 2) == 1.0
    assert run(function, 9) == 3.0


def test_assert_on_a_tensor():
    def function(x):
        assert x > 0.0, f"x must be positive, not {x.dtype.name}"
        return x * 2.0

    assert run(function, 2.0) == 4.0
    with pytest.raises(functape.errors.InvalidArgumentError, match="x must be positive, not float32"):
        run(function, -2.0)


def test_private_names():
    class Scaler:
        __factor = 3.0

        def __init__(self):
            self.__offset = 1.0

        def __call__(self, x):
            if x > 0.0:
                x = x * self.__factor
            return x + self.__offset

    scaler = Scaler()
    assert [run(lambda x: scaler(x), value) for value in (2.0, -2.0)] == [7.0, -1.0]


def test_print_while_tracing_and_while_running(capfd):
    def function(x):
        print("traced", x)
        functape.print("run", x, output_stream=sys.stdout)
        return x

    converted = functape.function(function)
    converted(functape.constant(1.0))
    converted(functape.constant(2.0))
    printed = capfd.readouterr().out
    assert printed.count("traced Tensor(") == 1
    assert printed.count("run 1") == printed.count("run 2") == 1


# ---- what cannot be converted --------------------------------------------------------------------------------------


def test_what_cannot_be_converted_runs_as_it_is_with_one_warning(caplog):
    def function(x, flag):
        if flag and (y := 3.0) > 1.0:
            return x * y
        return x

    converted = functape.function(function)
    with caplog.at_level(logging.WARNING, logger="functape"):
        assert converted(functape.constant(2.0), True).numpy() == 6.0
        assert converted(functape.constant(2.0), False).numpy() == 2.0
    messages = [record.getMessage() for record in caplog.records if "AutoGraph" in record.getMessage()]
    assert len(messages) == 1
    for part in ("could not convert", "walrus", "do_not_convert", __file__):
        assert part in messages[0]


def test_code_without_source_runs_as_it_is(caplog):
    namespace = {"tf": functape}
    exec("def function(x):\n    return x + 1.0 if tf.rank(x) is None else x * 2.0", namespace)
    assert functape.function(namespace["function"])(functape.constant(2.0)).numpy() == 4.0


def test_code_of_a_notebook_cell():
    """Notebooks keep the source of a cell in linecache under a name of its own."""
    import linecache

    name = "<ipython-input-7-0123456789ab>"
    source = "def function(x):\n    if x > 0:\n        x = x * 2.0\n    return x\ng = lambda x: x if x > 0 else -x\n"
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    namespace = {"__name__": "__main__", "tf": functape}
    exec(compile(source, name, "exec"), namespace)
    assert [run(namespace["function"], value) for value in (2.0, -2.0)] == [4.0, -2.0]
    assert [run(namespace["g"], value) for value in (2.0, -2.0)] == [2.0, 2.0]
