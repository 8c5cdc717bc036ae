"""`Variable` against TensorFlow's: making, reading, assigning, copying, printing, and every way to get it wrong."""

from __future__ import annotations

import copy

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from both_sides import Table, assert_same_error, assert_same_outcome, compare, described

import functape

program, mistake = Table(), Table()

VALUES = {
    "float": lambda tf: 2.5,
    "int": lambda tf: 3,
    "large int": lambda tf: 2**40,
    "bool": lambda tf: True,
    "complex": lambda tf: 1 + 2j,
    "string": lambda tf: "text",
    "bytes": lambda tf: b"text",
    "list": lambda tf: [1.0, 2.0],
    "nested": lambda tf: [[1, 2], [3, 4]],
    "strings": lambda tf: ["a", "bc"],
    "empty": lambda tf: [],
    "float64": lambda tf: np.array([1.0, 2.0]),
    "float16": lambda tf: np.float16(0.5),
    "int8": lambda tf: np.array([1, -1], np.int8),
    "uint8": lambda tf: np.array([1, 255], np.uint8),
    "bools": lambda tf: np.array([True, False]),
    "tensor": lambda tf: tf.constant([1.0, 2.0]),
    "scalar tensor": lambda tf: tf.constant(7),
    "variable": lambda tf: tf.Variable([3.0, 4.0]),
    "computed": lambda tf: tf.constant([1.0, 2.0]) * 2.0,
    "function": lambda tf: lambda: tf.constant([1.0, 2.0]) * 3.0,
    "numpy scalar": lambda tf: np.float64(1.5),
    "cube": lambda tf: np.arange(24.0).reshape(2, 3, 4).astype(np.float32),
}


@pytest.mark.parametrize("value", VALUES)
def test_made_of(value):
    def program(tf):
        v = tf.Variable(VALUES[value](tf))
        return v, v.dtype.name, str(v.shape), v.name, v.trainable, repr(v), str(v), repr(v.value()), v.numpy()

    assert_same_outcome(program)


ARGUMENTS = {
    "name": {"name": "weights"},
    "dtype": {"dtype": "float64"},
    "dtype int": {"dtype": "int32"},
    "dtype complex": {"dtype": "complex64"},
    "dtype string": {"dtype": "string"},
    "dtype bool": {"dtype": "bool"},
    "not trainable": {"trainable": False},
    "trainable": {"trainable": True},
    "shape": {"shape": [2]},
    "shape open": {"shape": [None]},
    "shape unknown": {"shape": None},
    "shape of another length": {"shape": [3]},
    "shape of another rank": {"shape": [2, 1]},
    "unvalidated": {"validate_shape": False},
    "wrong dtype": {"dtype": "no such type"},
}


@pytest.mark.parametrize("value", [[1.0, 2.0], [1, 2], ["a", "b"], 1.5], ids=str)
@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_made_with(value, arguments):
    def program(tf):
        try:
            v = tf.Variable(value, **ARGUMENTS[arguments])
        except Exception as error:
            return type(error).__name__
        return v, v.dtype.name, str(v.shape), v.name, v.trainable, repr(v)

    assert_same_outcome(program)


# ---- assignment ------------------------------------------------------------------------------------------------------

ASSIGNED = {
    "float": lambda tf: 2.5,
    "int": lambda tf: 3,
    "bool": lambda tf: True,
    "complex": lambda tf: 1j,
    "string": lambda tf: "text",
    "None": lambda tf: None,
    "list": lambda tf: [1.0, 2.0],
    "list of ints": lambda tf: [1, 2],
    "longer list": lambda tf: [1.0, 2.0, 3.0],
    "nested": lambda tf: [[1.0, 2.0]],
    "float32 array": lambda tf: np.array([5.0, 6.0], np.float32),
    "float64 array": lambda tf: np.array([5.0, 6.0]),
    "int array": lambda tf: np.array([5, 6]),
    "float32 tensor": lambda tf: tf.constant([5.0, 6.0]),
    "float64 tensor": lambda tf: tf.constant([5.0, 6.0], tf.float64),
    "int tensor": lambda tf: tf.constant([5, 6]),
    "scalar tensor": lambda tf: tf.constant(5.0),
    "variable": lambda tf: tf.Variable([5.0, 6.0]),
    "int variable": lambda tf: tf.Variable([5, 6]),
    "computed": lambda tf: tf.constant([5.0, 6.0]) / 2.0,
    "object": lambda tf: object(),
}
STARTS = {
    "floats": [1.0, 2.0],
    "float": 1.0,
    "ints": [1, 2],
    "doubles": np.array([1.0, 2.0]),
    "bools": [True, False],
    "strings": ["a", "b"],
}


@pytest.mark.parametrize("method", ["assign", "assign_add", "assign_sub"])
@pytest.mark.parametrize("start", STARTS)
def test_assigning(start, method):
    """Every kind of value to every kind of variable; what fails leaves the variable as it was."""

    def program(tf):
        found = {}
        for name, make in ASSIGNED.items():
            v = tf.Variable(STARTS[start])
            try:
                returned = getattr(v, method)(make(tf))
            except Exception as error:
                found[name] = (type(error).__name__, v.numpy(), repr(v))
            else:
                found[name] = (returned.numpy(), v.numpy(), repr(v))
        return found

    theirs, ours = described(program(tensorflow_module())), described(program(functape))
    for name in theirs:
        compare(ours[name], theirs[name], f"{start}.{method}({name})")


def tensorflow_module():
    import tensorflow

    return tensorflow


@program
def what_assignments_return(tf):
    v = tf.Variable([1.0, 2.0], name="v")
    returned = v.assign_add([1.0, 1.0])
    more = returned * 2.0
    again = returned.assign_sub([0.5, 0.5])
    return (
        repr(returned).replace("UnreadVariable", "v"),
        more,
        again.numpy(),
        v,
        returned.dtype.name,
        returned.shape.as_list(),
        v.assign([7.0, 8.0], read_value=False),
        v.assign_add([1.0, 1.0], read_value=False),
        v.assign_sub([1.0, 1.0], read_value=False),
        returned,
        tf.reduce_sum(v.assign([3.0, 4.0])),
    )


@program
def assigned_with_options(tf):
    v = tf.Variable(1.0)
    v.assign(2.0, use_locking=True, name="a", read_value=True)
    v.assign_add(2.0, True, "b", True)
    return v.assign_sub(delta=1.0, use_locking=False, name=None, read_value=True), v


@program
def slices_assigned(tf):
    v = tf.Variable(np.arange(24.0).reshape(2, 3, 4))
    found = []

    def note():
        found.append(v.numpy())

    v[0].assign(np.zeros((3, 4)))
    note()
    v[0, 1].assign([1.0, 2.0, 3.0, 4.0])
    note()
    v[0, 1, 2].assign(-5.0)
    note()
    v[:, 1:, ::2].assign(np.full((2, 2, 2), 9.0))
    note()
    v[1, ::-1].assign(np.arange(12.0).reshape(3, 4))
    note()
    v[..., -1].assign(np.ones((2, 3)))
    note()
    v[-1, :, 1].assign(v[0, :, 2])
    note()
    v[0, 0].assign(v[0, 0] * 2.0)
    note()
    return found


@program
def slices_assigned_in_other_ways(tf):
    found = {}
    for name, act in {
        "broadcast": lambda v: v[:2].assign(5.0),
        "list": lambda v: v[1:3].assign([7.0, 8.0]),
        "too long": lambda v: v[1:3].assign([7.0, 8.0, 9.0]),
        "int tensor": lambda v: v[:2].assign(tf.constant([1, 2])),
        "returns": lambda v: v[0].assign(3.0),
        "out of range": lambda v: v[9].assign(1.0),
        "text": lambda v: v[0].assign("a"),
        "empty": lambda v: v[2:2].assign([]),
        "tensor index": lambda v: v[tf.constant(2)].assign(1.5),
    }.items():
        v = tf.Variable([1.0, 2.0, 3.0, 4.0])
        try:
            returned = act(v)
            found[name] = (returned.numpy(), v.numpy())
        except Exception as error:
            found[name] = (type(error).__name__, v.numpy())
    return found


SCATTERS = ("scatter_add", "scatter_sub", "scatter_mul", "scatter_div", "scatter_max", "scatter_min", "scatter_update")


@pytest.mark.parametrize("method", SCATTERS)
def test_scatter(method):
    def program(tf):
        found = []
        for values, indices in [
            ([[5.0, -1.0], [0.5, 2.0]], [2, 0]),
            ([[5.0, -1.0]], [1]),
            (np.zeros((0, 2), np.float32), np.zeros(0, np.int32)),
            ([[1.0, 2.0]], [7]),
            ([[1.0, 2.0]], [-1]),
        ]:
            v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
            slices = tf.IndexedSlices(tf.constant(values), tf.constant(indices))
            try:
                found.append((getattr(v, method)(slices).numpy(), v.numpy()))
            except Exception as error:
                found.append((type(error).__name__, v.numpy()))
        return found

    assert_same_outcome(program)


@program
def repeated_rows_add_up(tf):
    v = tf.Variable([[1.0], [2.0], [3.0]])
    v.scatter_add(tf.IndexedSlices(tf.constant([[1.0], [2.0], [4.0]]), tf.constant([0, 2, 0])))
    v.scatter_sub(tf.IndexedSlices(tf.constant([[1.0], [1.0]]), tf.constant([1, 1])))
    return v


@program
def scatter_nd(tf):
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    v.scatter_nd_add([[0], [2]], [[10.0, 20.0], [30.0, 40.0]])
    first = v.numpy()
    v.scatter_nd_sub([[0, 1], [2, 0]], [1.0, 2.0])
    second = v.numpy()
    v.scatter_nd_update([[1, 1]], [99.0])
    return first, second, v


@mistake
def scatter_of_a_tensor(tf):
    tf.Variable([1.0, 2.0]).scatter_add(tf.constant([1.0]))


@mistake
def scatter_nd_of_a_wrong_shape(tf):
    tf.Variable([[1.0, 2.0]]).scatter_nd_add([[0]], [1.0, 2.0, 3.0])


@program
def rows_read(tf):
    v = tf.Variable([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    return v.sparse_read([2, 0]), v.gather_nd([[0, 1], [2, 0]]), v[1], v[:, 0], v[-1, -1]


# ---- open shapes -----------------------------------------------------------------------------------------------------


@program
def open_shapes(tf):
    found = []
    for shape in ([None], [None, 2], None):
        v = tf.Variable(np.ones((1, 2)) if shape == [None, 2] else [1.0], shape=tf.TensorShape(shape))
        found.append((str(v.shape), repr(v)))
        for value in (np.zeros((3, 2)), [1.0, 2.0, 3.0], 5.0):
            try:
                v.assign(value)
                found.append((v.numpy(), str(v.shape), repr(v)))
            except Exception as error:
                found.append(type(error).__name__)
    return found


@program
def gradient_of_an_open_shape(tf):
    v = tf.Variable([1.0], shape=[None])
    v.assign([1.0, 2.0, 3.0])
    with tf.GradientTape() as tape:
        y = v * v
    return tape.gradient(y, v)


# ---- copies and aliases ----------------------------------------------------------------------------------------------


@program
def made_of_a_variable(tf):
    one = tf.Variable([1.0, 2.0], name="one")
    two = tf.Variable(one)
    one.assign_add([1.0, 1.0])
    two.assign([9.0, 9.0])
    return one, two, two.name


@program
def values_read_before_an_assignment(tf):
    v = tf.Variable([1.0, 2.0])
    kept = [
        v.read_value(),
        v.value(),
        v.numpy(),
        tf.convert_to_tensor(v),
        v * 1.0,
        v[0],
        tf.identity(v),
        v.read_value_no_copy(),
    ]
    v.assign_add([1.0, 1.0])
    v.assign([7.0, 7.0])
    return kept, v


@program
def two_variables_of_one_tensor(tf):
    x = tf.constant([1.0, 2.0]) * 3.0
    one, two = tf.Variable(x), tf.Variable(x)
    one.assign_add([1.0, 1.0])
    two.assign_sub([1.0, 1.0])
    one.assign_add(two)
    return one, two, x


@program
def exchanged(tf):
    one, two = tf.Variable([1.0, 2.0]), tf.Variable([3.0, 4.0])
    kept = one.read_value()
    one.assign(two)
    two.assign(kept)
    one.assign_add([1.0, 1.0])
    return one, two


@program
def source_array_changed(tf):
    array = np.array([1.0, 2.0])
    v = tf.Variable(array)
    array[0] = 99.0
    read = v.numpy()
    read[1] = -99.0
    v.assign(array)
    array[1] = 5.0
    return v, read


@program
def copies(tf):
    v = tf.Variable([1.0, 2.0], name="v", trainable=False)
    deep = copy.deepcopy(v)
    deep.assign([5.0, 5.0])
    nested = copy.deepcopy({"a": [v, v]})
    nested["a"][0].assign([6.0, 6.0])
    return v, deep, deep.name, deep.trainable, nested["a"][1].numpy(), nested["a"][0] is nested["a"][1]


def test_jax_arrays_survive_updates():
    """Updates reuse a variable's buffer only where nobody else holds it."""
    v = functape.Variable(np.arange(4.0, dtype=np.float32))
    for _ in range(2):
        v.assign_add(functape.constant(np.ones(4, np.float32)))
        v.numpy()
    array, of_variable, view = v.value().__jax_array__(), v.__jax_array__(), np.asarray(v)
    exported = jnp.from_dlpack(v.value())
    wanted = np.array(array)
    for _ in range(3):
        v.assign_sub(functape.constant(np.ones(4, np.float32)))
        v.numpy()
    for held in (array, of_variable, view, exported):
        np.testing.assert_array_equal(np.asarray(held), wanted)
    np.testing.assert_array_equal(v.numpy(), wanted - 3.0)


def test_jax_takes_variables():
    v = functape.Variable([1.0, 2.0])
    assert isinstance(jnp.asarray(v), jax.Array)
    np.testing.assert_array_equal(jnp.asarray(v) + 1.0, [2.0, 3.0])


def test_unknown_arguments_are_refused():
    """TensorFlow drops them in silence."""
    with pytest.raises(TypeError, match="colour"):
        functape.Variable(1.0, colour="red")


# ---- Python's protocols ----------------------------------------------------------------------------------------------


@program
def references(tf):
    v, w = tf.Variable(1.0), tf.Variable(1.0)
    table = {v.ref(): "v", w.ref(): "w"}
    return table[v.ref()], table[w.ref()], v.ref() == w.ref(), v.ref().deref() is v, len({v.ref(), v.ref(), w.ref()})


@program
def comparisons(tf):
    v, w = tf.Variable([1.0, 2.0]), tf.Variable([1.0, 3.0])
    return v == w, v != w, v < w, v >= w, v == [1.0, 2.0], v is v


@program
def in_python(tf):
    v, n, b = tf.Variable(2.5), tf.Variable(3), tf.Variable(False)
    many = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
    return [
        float(v), int(v), int(n), bool(b), bool(v),
        [each.numpy() for each in many], [1.0, 2.0] in [list(row) for row in many.numpy()],
        np.asarray(many), np.sum(many), f"{v.numpy():.2f}", complex(v),
    ]  # fmt: skip


@program
def operators(tf):
    v, x = tf.Variable([1.0, -2.0]), np.array([3.0, 4.0], np.float32)
    n = tf.Variable([7, -7])
    return [
        v + 1.0, 1.0 + v, v - 1.0, 1.0 - v, v * 2.0, 2.0 * v, v / 2.0, 2.0 / v, v**2.0, 2.0**v, -v, abs(v),
        v // 2.0, v % 2.0, 7.0 // v, 7.0 % v, v + x, v * [2.0, 3.0], v + v, v * v,
        n // 2, n % 3, -n, n & 3, n | 8, n ^ 1, ~n, n * 2,
    ]  # fmt: skip


@program
def numpy_on_the_left(tf):
    v, x = tf.Variable([1.0, -2.0]), np.array([3.0, 4.0], np.float32)
    results = [x + v, x - v, x * v, x / v, x**v, x // v, x % v, x < v, x == v]
    return results, [isinstance(each, tf.Tensor) for each in results]


@program
def matrix_with_numpy_on_the_left(tf):
    v, x = tf.Variable([[1.0, -2.0], [0.5, 3.0]]), np.array([[3.0, 4.0]], np.float32)
    return x @ v, v @ x.T, [[1.0, 2.0]] @ v


@program
def attributes(tf):
    v = tf.Variable([[1.0, 2.0]], name="v", constraint=None)
    return [
        v.shape.as_list(), v.get_shape().as_list(), v.dtype.name, v.name, v.trainable, v.constraint,
        v.initializer, v.is_initialized(), str(v.synchronization), str(v.aggregation), v.device.split(":")[-2],
        hasattr(v, "handle"), v.shape.rank,
    ]  # fmt: skip


@program
def constraint_kept(tf):
    v = tf.Variable(1.0, constraint=abs)
    v.assign(-3.0)
    return v.constraint is abs, v


@program
def names(tf):
    found = [tf.Variable(1.0).name, tf.Variable(1.0).name, tf.Variable(1.0, name="w").name]
    with tf.name_scope("outer"):
        found.append(tf.Variable(1.0, name="w").name)
        with tf.name_scope("inner"):
            found.append(tf.Variable(1.0).name)
    found.append(tf.Variable(tf.Variable(1.0, name="w")).name)
    return found


@program
def shape_set(tf):
    v = tf.Variable([1.0], shape=[None])
    v.set_shape([1])
    return str(v.shape)


@program
def printed_forms(tf):
    values = [
        1.5,
        float("nan"),
        float("inf"),
        1e-20,
        3,
        True,
        "text",
        b"\xff",
        [[1.0, 2.0], [3.5, 4.0]],
        [],
        ["a"],
    ]
    values += [np.arange(2000.0), np.float16(0.1), np.int8(5), 1 + 2j, np.zeros((2, 0))]
    return [f(tf.Variable(value, name="w")) for value in values for f in (repr, str, "{}".format)]


@mistake
def no_value(tf):
    tf.Variable()


@mistake
def none_as_value(tf):
    tf.Variable(None)


@mistake
def ragged_value(tf):
    tf.Variable([[1.0], [2.0, 3.0]])


@mistake
def object_as_value(tf):
    tf.Variable(object())


@mistake
def added_in_place(tf):
    v = tf.Variable(1.0)
    v += 1.0


@mistake
def subtracted_in_place(tf):
    v = tf.Variable(1.0)
    v -= 1.0


@mistake
def multiplied_in_place(tf):
    v = tf.Variable(1.0)
    v *= 2.0


@mistake
def divided_in_place(tf):
    v = tf.Variable(1.0)
    v /= 2.0


@mistake
def powered_in_place(tf):
    v = tf.Variable(1.0)
    v **= 2.0


@mistake
def hashed(tf):
    hash(tf.Variable(1.0))


@mistake
def key_of_a_dict(tf):
    {tf.Variable(1.0): 1}


@mistake
def item_set(tf):
    tf.Variable([1.0])[0] = 2.0


@mistake
def truth_of_many(tf):
    bool(tf.Variable([1.0, 2.0]))


@mistake
def float_of_many(tf):
    float(tf.Variable([1.0, 2.0]))


@mistake
def iterated_scalar(tf):
    list(tf.Variable(1.0))


@mistake
def length(tf):
    len(tf.Variable([1.0, 2.0]))


@mistake
def dtypes_mixed(tf):
    tf.Variable(1.0) + tf.Variable(1)


@mistake
def index_too_large(tf):
    tf.Variable([1.0])[3]


@mistake
def index_of_a_wrong_type(tf):
    tf.Variable([1.0])["a"]


@mistake
def unknown_attribute(tf):
    tf.Variable(1.0).no_such_attribute  # noqa: B018


@mistake
def set_to_a_wrong_shape(tf):
    tf.Variable([1.0]).set_shape([2])


@mistake
def initial_value_asked_for(tf):
    tf.Variable([1.0]).initial_value  # noqa: B018


@mistake
def evaluated_as_in_a_graph(tf):
    tf.Variable([1.0]).eval()


@mistake
def renamed(tf):
    tf.Variable([1.0]).name = "x"


@program.each()
def test_as_tensorflow(program):
    assert_same_outcome(program)


@mistake.each()
def test_mistake_as_in_tensorflow(program):
    assert_same_error(program)
