"""The optimizers against both generations of TensorFlow's Keras, step by step."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow
import tf_keras
from _sampling import sampled

import functape
from functape._engine._cache import cache

STEPS = 100
TOLERANCE = 1e-6
SHAPES = {"kernel": (3, 2), "bias": (2,), "scale": ()}

CONFIGURATIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {"learning_rate": 0.05}),
    "sgd default": ("SGD", {}),
    "momentum": ("SGD", {"learning_rate": 0.02, "momentum": 0.9}),
    "nesterov": ("SGD", {"learning_rate": 0.02, "momentum": 0.8, "nesterov": True}),
    "nesterov without momentum": ("SGD", {"learning_rate": 0.02, "nesterov": True}),
    "adam": ("Adam", {"learning_rate": 0.05}),
    "adam default": ("Adam", {}),
    "adam other betas": ("Adam", {"learning_rate": 0.02, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3}),
    "amsgrad": ("Adam", {"learning_rate": 0.05, "amsgrad": True}),
    "sgd weight decay": ("SGD", {"learning_rate": 0.05, "weight_decay": 0.1}),
    "adam weight decay": ("Adam", {"learning_rate": 0.05, "weight_decay": 0.1}),
    "clipnorm": ("SGD", {"learning_rate": 0.05, "clipnorm": 0.3}),
    "clipvalue": ("SGD", {"learning_rate": 0.05, "momentum": 0.5, "clipvalue": 0.2}),
    "global clipnorm": ("Adam", {"learning_rate": 0.05, "global_clipnorm": 0.5}),
    "clip that never bites": ("Adam", {"learning_rate": 0.05, "clipnorm": 1e3}),
    "bounds that are none": ("SGD", {"learning_rate": 0.05, "clipnorm": 0.0}),
    "adamw": ("AdamW", {"learning_rate": 0.05}),
    "adamw default": ("AdamW", {}),
    "adamw amsgrad": ("AdamW", {"learning_rate": 0.05, "weight_decay": 0.1, "amsgrad": True}),
    "adamax": ("Adamax", {"learning_rate": 0.05}),
    "adamax other betas": ("Adamax", {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3}),
    "nadam": ("Nadam", {"learning_rate": 0.05}),
    "nadam other betas": ("Nadam", {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3, "weight_decay": 0.1}),
    "rmsprop": ("RMSprop", {"learning_rate": 0.02}),
    "rmsprop momentum": ("RMSprop", {"learning_rate": 0.01, "momentum": 0.9}),
    "rmsprop centered": ("RMSprop", {"learning_rate": 0.01, "centered": True, "epsilon": 1e-3}),
    "rmsprop all": ("RMSprop", {"rho": 0.5, "momentum": 0.5, "centered": True, "epsilon": 1e-2, "weight_decay": 0.01}),
    "adagrad": ("Adagrad", {"learning_rate": 0.1}),
    "adagrad from nothing": ("Adagrad", {"learning_rate": 0.1, "initial_accumulator_value": 0.0, "epsilon": 1e-3}),
    "adadelta": ("Adadelta", {"learning_rate": 1.0}),
    "adadelta other": ("Adadelta", {"learning_rate": 0.5, "rho": 0.8, "epsilon": 1e-3, "clipnorm": 0.5}),
    "ftrl": ("Ftrl", {"learning_rate": 0.1}),
    "ftrl regularized": (
        "Ftrl",
        {
            "learning_rate": 0.1,
            "l1_regularization_strength": 0.1,
            "l2_regularization_strength": 0.1,
            "l2_shrinkage_regularization_strength": 0.05,
            "beta": 0.2,
        },
    ),
    "ftrl other power": ("Ftrl", {"learning_rate": 0.1, "learning_rate_power": -0.7, "initial_accumulator_value": 0.5}),
    "lion": ("Lion", {"learning_rate": 0.01}),
    "lion decayed": ("Lion", {"learning_rate": 0.01, "beta_1": 0.5, "beta_2": 0.8, "weight_decay": 0.1}),
    "adafactor": ("Adafactor", {"learning_rate": 0.05}),
    "adafactor other": (
        "Adafactor",
        {"learning_rate": 0.5, "beta_2_decay": -0.5, "epsilon_2": 0.1, "clip_threshold": 0.5, "relative_step": False},
    ),
}
ONLY_KERAS_3: dict[str, tuple[str, dict[str, Any]]] = {
    "lion default": ("Lion", {}),
    "lamb": ("Lamb", {"learning_rate": 0.02}),
    "lamb other": ("Lamb", {"beta_1": 0.5, "beta_2": 0.9, "epsilon": 1e-3, "weight_decay": 0.1}),
    "muon": ("Muon", {"learning_rate": 0.02}),
    "muon other": (
        "Muon",
        {
            "learning_rate": 0.02,
            "nesterov": False,
            "ns_steps": 3,
            "rms_rate": None,
            "adam_lr_ratio": 0.5,
            "momentum": 0.8,
        },
    ),
    "muon without matrices": ("Muon", {"learning_rate": 0.02, "exclude_layers": ["ker"], "adam_weight_decay": None}),
    "averages": ("SGD", {"learning_rate": 0.05, "use_ema": True}),
    "averages assigned": ("Adam", {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 7}),
    "accumulation": ("Adam", {"learning_rate": 0.05, "gradient_accumulation_steps": 4, "clipnorm": 0.5}),
    "accumulation without state": ("SGD", {"learning_rate": 0.05, "gradient_accumulation_steps": 3}),
    "accumulation and averages": (
        "RMSprop",
        {
            "learning_rate": 0.02,
            "weight_decay": 0.1,
            "gradient_accumulation_steps": 2,
            "use_ema": True,
            "ema_momentum": 0.5,
            "ema_overwrite_frequency": 3,
        },
    ),
    "loss scale": ("Adam", {"learning_rate": 0.05, "loss_scale_factor": 16.0}),
}
GENERATIONS = {"keras 2": tf_keras, "keras 3": keras}
BOTH = [(configuration, generation) for configuration in CONFIGURATIONS for generation in GENERATIONS]
TABLE = [*BOTH, *((configuration, "keras 3") for configuration in ONLY_KERAS_3)]
LOOSER = {
    # Differences of nearly equal numbers: the two generations are as far apart from each other.
    "rmsprop centered": 1e-5,
    "rmsprop all": 1e-5,
    # Products of matrices, and means of many numbers, are added up in another order.
    "muon": 1e-5,
    "muon other": 1e-5,
    "adafactor": 1e-5,
    "adafactor other": 1e-5,
    "lamb": 1e-5,
    "lamb other": 1e-5,
}


def _start(dtype: Any) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(3)
    return {name: generator.normal(size=shape).astype(dtype) for name, shape in SHAPES.items()}


def _gradients(dtype: Any) -> list[dict[str, np.ndarray]]:
    """Gradients of all scales, a sign change and a stretch of zeros."""
    generator = np.random.default_rng(4)
    rounds = []
    for step in range(STEPS):
        scale = 0.0 if 40 <= step < 45 else 10.0 ** generator.uniform(-3, 1)
        rounds.append({name: (scale * generator.normal(size=shape)).astype(dtype) for name, shape in SHAPES.items()})
    return rounds


def _trajectory(
    tf: Any, optimizer: Any, dtype: Any, rate: Callable[[int], float] | None = None, variable: Any = None
) -> list[Any]:
    make = variable or tf.Variable
    variables = {name: make(value, name=name, dtype=np.dtype(dtype).name) for name, value in _start(dtype).items()}
    path = []
    for step, gradients in enumerate(_gradients(dtype)):
        if rate is not None:
            optimizer.learning_rate = rate(step)
        optimizer.apply_gradients((tf.constant(gradients[name]), variable) for name, variable in variables.items())
        path.append([np.asarray(variable.numpy()) for variable in variables.values()])
    return path


def _compare(ours: list[Any], theirs: list[Any], tolerance: float = TOLERANCE) -> None:
    for step, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        for left, right in zip(mine, other, strict=True):
            assert left.dtype == right.dtype
            np.testing.assert_allclose(left, right, rtol=tolerance, atol=tolerance, err_msg=f"step {step}")


@pytest.mark.parametrize(("configuration", "generation"), sampled("optimizers", TABLE, 24))
def test_trajectory(configuration: str, generation: str) -> None:
    name, arguments = (CONFIGURATIONS | ONLY_KERAS_3)[configuration]
    theirs = getattr(GENERATIONS[generation].optimizers, name)(**arguments)
    ours = getattr(functape.keras.optimizers, name)(**arguments)
    variable = keras.Variable if generation == "keras 3" else None
    wanted = _trajectory(tensorflow, theirs, np.float32, variable=variable)
    _compare(_trajectory(functape, ours, np.float32), wanted, LOOSER.get(configuration, TOLERANCE))


@pytest.mark.parametrize(
    "configuration",
    [
        "nesterov", "adam", "amsgrad", "adamw", "adamax", "nadam other betas", "rmsprop all", "adagrad",
        "adadelta other", "ftrl regularized", "lion decayed", "adafactor", "lamb", "accumulation and averages",
    ],
)  # fmt: skip
def test_trajectory_in_double_precision(configuration: str) -> None:
    name, arguments = (CONFIGURATIONS | ONLY_KERAS_3)[configuration]
    theirs = getattr(keras.optimizers, name)(**arguments)
    ours = getattr(functape.keras.optimizers, name)(**arguments)
    wanted = _trajectory(tensorflow, theirs, np.float64, variable=keras.Variable)
    _compare(_trajectory(functape, ours, np.float64), wanted, 1e-11)


@pytest.mark.parametrize("configuration", ["momentum", "adam other betas", "adagrad", "rmsprop", "lion"])
def test_trajectory_in_half_precision(configuration: str) -> None:
    """A step rounds differently by a unit in the last place now and then; ten steps show any error of formula."""
    name, arguments = CONFIGURATIONS[configuration]
    arguments = arguments | ({"epsilon": 1e-3} if "epsilon" in arguments or name in ("Adagrad", "RMSprop") else {})
    theirs = getattr(keras.optimizers, name)(**arguments)
    ours = getattr(functape.keras.optimizers, name)(**arguments)
    wanted = _trajectory(tensorflow, theirs, np.float16, variable=keras.Variable)[:10]
    _compare(_trajectory(functape, ours, np.float16)[:10], wanted, 5e-3)


def test_the_tolerance_tells_epsilons_apart() -> None:
    """A negative control: Adam with optax's place for epsilon is another trajectory."""
    import optax

    theirs = _trajectory(tensorflow, tf_keras.optimizers.Adam(0.05), np.float32)
    transformation = optax.adam(0.05, eps=1e-7)
    values = list(_start(np.float32).values())
    state = transformation.init(values)
    path = []
    for gradients in _gradients(np.float32):
        updates, state = transformation.update(list(gradients.values()), state)
        values = optax.apply_updates(values, updates)
        path.append([np.asarray(each) for each in values])
    with pytest.raises(AssertionError):
        _compare(path, theirs)


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_a_rate_that_changes_each_step_compiles_nothing(name: str) -> None:
    def rate(step: int) -> float:
        return 0.1 / (1 + step)

    ours = getattr(functape.keras.optimizers, name)(0.1)
    theirs = getattr(tf_keras.optimizers, name)(0.1)
    _compare(_trajectory(functape, ours, np.float32, rate), _trajectory(tensorflow, theirs, np.float32, rate))
    before = cache.compiled
    _trajectory(functape, ours, np.float32, lambda step: 0.3 / (1 + step))
    # The variables of the second run are new to the optimizer: one program for them, none for the rates.
    assert cache.compiled - before <= 1


def test_a_hyperparameter_that_changes_each_step_compiles_once() -> None:
    def run(tf: Any, optimizer: Any) -> list[float]:
        w = tf.Variable([1.0, -2.0])
        path = []
        for step in range(20):
            optimizer.momentum = 0.5 + 0.02 * step
            optimizer.apply_gradients([(w * 0.3, w)])
            path.append([w.numpy()])
        return path

    ours = functape.keras.optimizers.SGD(0.1, momentum=0.5)
    theirs = run(tensorflow, tf_keras.optimizers.SGD(0.1, momentum=0.5, jit_compile=False))
    before = cache.compiled
    _compare(run(functape, ours), theirs)
    assert cache.compiled - before <= 2


@pytest.mark.parametrize("count", [1, 200])
def test_steady_state_compiles_nothing(count: int) -> None:
    tf = functape
    variables = [tf.Variable(np.full(3, float(number), np.float32)) for number in range(count)]
    optimizer = tf.keras.optimizers.Adam(0.01)

    def step() -> None:
        with tf.GradientTape() as tape:
            loss = variables[0] * 0.5
            for variable in variables:
                loss = loss + variable * variable
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    for _ in range(3):
        step()
    before = cache.compiled
    for _ in range(10):
        step()
    assert cache.compiled == before
    assert int(optimizer.iterations) == 13


def _scalar_runs(tf: Any, optimizers: Any) -> dict[str, Any]:
    """What programs of several kinds end with."""
    results = {}
    w, b = tf.Variable([1.0, 2.0], name="w"), tf.Variable(0.5, name="b")
    first, second = optimizers.Adam(0.1), optimizers.SGD(0.2, momentum=0.9)
    for _ in range(3):
        first.apply_gradients([(w * 2.0, w), (b * 3.0, b)])
        second.apply_gradients(zip([w * 0.5], [w], strict=True))
    results["two optimizers on one variable"] = [w.numpy(), b.numpy()]

    first.apply_gradients([(w * 2.0, w), (None, b)])
    first.apply_gradients([(w * 2.0, w), (b * 1.0, b)])
    results["a gradient that is None"] = [w.numpy(), b.numpy()]

    optimizer = optimizers.Adam(0.1)
    slices = tf.IndexedSlices(tf.constant([[1.0], [2.0]]), tf.constant([0, 2]), tf.constant([3, 1]))
    rows = tf.Variable([[1.0], [2.0], [3.0]])
    for _ in range(3):
        optimizer.apply_gradients([(slices, rows)])
    results["indexed slices"] = [rows.numpy()]

    twice = tf.Variable(1.0)
    optimizer = optimizers.Adam(0.1)
    optimizer.apply_gradients([(tf.constant(1.0), twice), (tf.constant(-3.0), twice)])
    results["a variable named twice"] = [twice.numpy(), optimizer.iterations.numpy()]

    bounded = tf.Variable([1.0, -1.0], constraint=lambda value: value * tf.cast(value > 0.0, tf.float32))
    optimizer = optimizers.SGD(0.1)
    for _ in range(2):
        optimizer.apply_gradients([(tf.constant([1.0, 1.0]), bounded)])
    results["a constraint"] = [bounded.numpy()]

    fixed = tf.Variable(1.0, trainable=False)
    optimizers.SGD(0.1).apply_gradients([(tf.constant(1.0), fixed)])
    results["a variable that is not trainable"] = [fixed.numpy()]

    optimizer = optimizers.SGD(0.1, weight_decay=0.5)
    kept, decayed = tf.Variable(1.0, name="kept"), tf.Variable(1.0, name="decayed")
    optimizer.exclude_from_weight_decay(var_names=["kept"])
    optimizer.apply_gradients([(kept * 0.0, kept), (decayed * 0.0, decayed)])
    results["excluded from weight decay"] = [kept.numpy(), decayed.numpy()]

    optimizer = optimizers.Adam(0.1)
    optimizer.build([kept])
    optimizer.iterations.assign(10)
    optimizer.apply_gradients([(tf.constant(1.0), kept)])
    results["iterations assigned"] = [kept.numpy(), optimizer.iterations.numpy()]

    plain = optimizers.SGD(0.1)
    plain.apply_gradients([(np.ones(2, np.float32), w)])
    results["a gradient that is no tensor"] = [w.numpy()]
    return results


def test_programs_of_several_kinds() -> None:
    ours = _scalar_runs(functape, functape.keras.optimizers)
    theirs = _scalar_runs(tensorflow, tf_keras.optimizers)
    for name, values in theirs.items():
        for left, right in zip(ours[name], values, strict=True):
            np.testing.assert_allclose(left, right, rtol=TOLERANCE, atol=TOLERANCE, err_msg=name)


def test_what_apply_gradients_returns_and_prints() -> None:
    def run(tf: Any, optimizers: Any) -> list[str]:
        w = tf.Variable([1.0, 2.0], name="w")
        optimizer = optimizers.Adam(0.5)
        texts = [repr(optimizer.apply_gradients([(w * 1.0, w)])), repr(optimizer.apply_gradients([]))]
        texts += [repr(optimizer.learning_rate), repr(optimizer.lr), repr(optimizer.iterations)]
        optimizer.learning_rate = 0.25
        texts.append(repr(optimizer.learning_rate))
        optimizer.lr = 0.125
        texts.append(repr(optimizer.lr.assign(0.75)))
        texts += [f"{each.name} {each.shape} {each.dtype.name}" for each in optimizer.variables()]
        texts += [f"{each.name}" for each in optimizers.Adam(amsgrad=True, name="mine").variables]
        return texts

    assert run(functape, functape.keras.optimizers) == run(tensorflow, tf_keras.optimizers)


def _minimized(tf: Any, optimizers: Any) -> list[Any]:
    x, y = tf.Variable(3.0), tf.Variable([1.0, 2.0])
    optimizer = optimizers.Adam(0.1)
    for _ in range(5):
        optimizer.minimize(lambda: x * x + (y * y)[0], [x, y])
    with tf.GradientTape() as tape:
        loss = x * x * 3.0 + y[1]
    optimizer.minimize(loss, [x, y], tape=tape)
    pairs = optimizer.compute_gradients(lambda: x * x, [x])
    return [x.numpy(), y.numpy(), pairs[0][0].numpy()]


def test_minimize() -> None:
    for left, right in zip(
        _minimized(functape, functape.optimizers), _minimized(tensorflow, tf_keras.optimizers), strict=True
    ):
        np.testing.assert_allclose(left, right, rtol=TOLERANCE)
    x = functape.Variable(2.0)
    functape.optimizers.SGD(0.5).minimize(lambda: x * x, lambda: [x], name="anything")
    assert x.numpy() == 0.0
    with pytest.raises(ValueError, match="`tape` is required"):
        functape.optimizers.SGD().minimize(x * x, [x])


def test_the_names_of_keras_3() -> None:
    tf = functape
    theirs_w, ours_w = tensorflow.Variable([1.0, 2.0]), tf.Variable([1.0, 2.0])
    theirs, ours = keras.optimizers.Adam(0.1), tf.keras.optimizers.Adam(0.1)
    theirs.build([theirs_w])
    ours.build([ours_w])
    for _ in range(3):
        theirs.apply([theirs_w * 2.0])
        ours.apply([ours_w * 2.0])
        theirs.apply([theirs_w * 2.0], [theirs_w])
        ours.apply([ours_w * 2.0], [ours_w])
    np.testing.assert_allclose(ours_w.numpy(), theirs_w.numpy(), rtol=TOLERANCE)
    assert int(ours.iterations) == int(theirs.iterations.numpy())
    assert ours.built
    with pytest.raises(ValueError, match="2 gradients for 1 variables"):
        ours.apply([ours_w, ours_w])
    with pytest.raises(ValueError, match="build"):
        tf.keras.optimizers.SGD().apply([ours_w])


def test_none_gradients_warn(caplog: pytest.LogCaptureFixture) -> None:
    w, b = functape.Variable(1.0, name="w"), functape.Variable(1.0, name="b")
    optimizer = functape.keras.optimizers.SGD(0.1)
    with caplog.at_level(logging.WARNING, "functape"):
        optimizer.apply_gradients([(functape.constant(1.0), w), (None, b)])
    assert "Gradients do not exist for variables ['b:0']" in caplog.text
    assert (w.numpy(), b.numpy()) == (np.float32(0.9), 1.0)


def _refusals(tf: Any, optimizers: Any) -> dict[str, Callable[[], Any]]:
    w = tf.Variable([1.0, 2.0], name="w")
    optimizer = optimizers.Adam(0.1)
    return {
        "all gradients None": lambda: optimizer.apply_gradients([(None, w)]),
        "a shape that does not fit": lambda: optimizer.apply_gradients([(tf.constant([1.0, 1.0, 1.0]), w)]),
        "another dtype": lambda: optimizer.apply_gradients([(tf.constant([1.0, 1.0], tf.float64), w)]),
        "no iterable": lambda: optimizer.apply_gradients(3),
        "both norms": lambda: optimizers.SGD(clipnorm=1.0, global_clipnorm=1.0),
        "momentum": lambda: optimizers.SGD(momentum=1.5),
        "an average that is none": lambda: optimizers.SGD(use_ema=True, ema_momentum=2.0),
        "a frequency that is none": lambda: optimizers.SGD(use_ema=True, ema_overwrite_frequency=-1),
        "no weight decay": lambda: optimizers.AdamW(weight_decay=None),
        "lion that is sign descent": lambda: optimizers.Lion(beta_1=0.0),
        "ftrl power": lambda: optimizers.Ftrl(learning_rate_power=0.5),
        "ftrl strength": lambda: optimizers.Ftrl(l1_regularization_strength=-0.5),
        "weights of an optimizer without": lambda: optimizers.Adam().set_weights([1]),
        "a rate to replace a schedule": lambda: setattr(
            optimizers.SGD(optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)),
            "learning_rate",
            0.1,
        ),
    }


@pytest.mark.parametrize("name", _refusals(functape, functape.keras.optimizers))
def test_refusals_are_tensorflows(name: str) -> None:
    ours = _refusals(functape, functape.keras.optimizers)[name]
    with pytest.raises(Exception) as theirs:
        _refusals(tensorflow, tf_keras.optimizers)[name]()
    with pytest.raises(Exception) as mine:
        ours()
    assert type(mine.value).__name__ == type(theirs.value).__name__
    assert str(mine.value)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"gradient_accumulation_steps": 1}, ValueError, "gradient_accumulation_steps"),
        ({"decay": -1.0}, ValueError, "decay"),
        ({"gradient_transformers": []}, ValueError, "gradient_transformers"),
        ({"unheard_of": 1}, ValueError, "unheard_of"),
        ({"learning_rate": "fast"}, ValueError, "learning_rate"),
        ({"learning_rate": None}, ValueError, "learning_rate"),
        ({"clipnorm": "much"}, TypeError, "clipnorm"),
    ],
)
def test_unsupported_arguments_are_refused(arguments: dict[str, Any], error: type[Exception], message: str) -> None:
    for kind in (functape.optimizers.SGD, functape.optimizers.Adam):
        with pytest.raises(error, match=message):
            kind(**arguments)


@pytest.mark.parametrize(
    "pairs",
    [
        lambda w: [w],
        lambda w: [functape.constant(1.0)],
        lambda w: [(functape.constant(1.0), functape.constant(1.0))],
        lambda w: [(w, functape.constant(1.0))],
        lambda w: [(functape.constant(1.0), w, w)],
    ],
)
def test_wrong_pairs(pairs: Any) -> None:
    w = functape.Variable(1.0)
    with pytest.raises(TypeError, match="apply_gradients"):
        functape.keras.optimizers.SGD().apply_gradients(pairs(w))
    assert w.numpy() == 1.0


def test_a_refused_step_changes_nothing() -> None:
    tf = functape
    w, b = tf.Variable([1.0, 2.0]), tf.Variable(1.0)
    optimizer = tf.keras.optimizers.Adam(0.1)
    optimizer.apply_gradients([(w * 1.0, w), (b * 1.0, b)])
    before = optimizer.get_weights() + [w.numpy(), b.numpy()]
    with pytest.raises(tf.errors.InvalidArgumentError, match="shape"):
        optimizer.apply_gradients([(tf.constant([1.0, 1.0, 1.0]), w), (b * 1.0, b)])
    for left, right in zip(optimizer.get_weights() + [w.numpy(), b.numpy()], before, strict=True):
        np.testing.assert_array_equal(left, right)


def _schedules(tf: Any) -> dict[str, Any]:
    return {
        "a function of the step": lambda step: 0.1 / (1.0 + float(step)),
        "a function of nothing": lambda: 0.1,
        "with ops": lambda step: 0.1 / (1.0 + tf.cast(step, tf.float32)),
    }


@pytest.mark.parametrize("name", _schedules(functape))
def test_schedules(name: str) -> None:
    w = functape.Variable([4.0])
    optimizer = functape.keras.optimizers.SGD(_schedules(functape)[name])
    expected, steps = np.float32(4.0), 5
    for step in range(steps):
        assert float(optimizer.learning_rate) == pytest.approx(0.1 if "nothing" in name else 0.1 / (1 + step))
        expected -= expected * np.float32(0.1 if "nothing" in name else 0.1 / (1 + step))
        optimizer.apply_gradients([(w * 1.0, w)])
        if step == 1:
            before = cache.compiled
    assert cache.compiled == before
    np.testing.assert_allclose(w.numpy(), [expected], rtol=TOLERANCE)


def test_a_keras_schedule() -> None:
    def run(tf: Any, optimizer: Any) -> list[Any]:
        w = tf.Variable([4.0])
        for _ in range(5):
            optimizer.apply_gradients([(w * 1.0, w)])
        return w.numpy()

    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    theirs = run(tensorflow, keras.optimizers.SGD(rate))
    ours = run(functape, functape.keras.optimizers.SGD(lambda step: 0.1 * 0.5 ** (int(step) / 2)))
    np.testing.assert_allclose(ours, theirs, rtol=TOLERANCE)


def test_a_rate_kept_in_a_variable() -> None:
    rate, w = functape.Variable(0.5), functape.Variable(1.0)
    optimizer = functape.keras.optimizers.SGD(rate)
    optimizer.apply_gradients([(functape.constant(1.0), w)])
    rate.assign(0.25)
    optimizer.apply_gradients([(functape.constant(1.0), w)])
    assert w.numpy() == 0.25
    assert optimizer.learning_rate is rate
    optimizer.learning_rate.assign(optimizer.learning_rate * 0.5)
    assert optimizer.learning_rate.numpy() == 0.125


def test_the_rate_times_itself() -> None:
    optimizer = functape.keras.optimizers.SGD(0.5)
    optimizer.learning_rate.assign(optimizer.learning_rate * 0.5)
    optimizer.lr.assign_sub(0.125)
    assert repr(optimizer.learning_rate) == "<tf.Variable 'learning_rate:0' shape=() dtype=float32, numpy=0.125>"
    optimizer.iterations = 7
    assert optimizer.iterations.numpy().dtype == np.int64
    assert int(optimizer.iterations.assign_add(1)) == 8


def test_state_is_read_and_written_through_its_variables() -> None:
    tf = functape

    def step(optimizer: Any, variables: list[Any]) -> None:
        optimizer.apply_gradients((variable * 2.0, variable) for variable in variables)

    ours = [tf.Variable([1.0, 2.0], name="w"), tf.Variable(3.0, name="b"), tf.Variable(np.ones((200, 100), np.float32))]
    first = tf.keras.optimizers.Adam(0.1, amsgrad=True)
    for _ in range(3):
        step(first, ours)
    copies = [tf.Variable(each.numpy()) for each in ours]
    second = tf.keras.optimizers.Adam(0.1, amsgrad=True)
    second.build(copies)
    second.set_weights(first.get_weights())
    assert [each.shape for each in second.variables] == [each.shape for each in first.variables]
    for _ in range(3):
        step(first, ours)
        step(second, copies)
    for left, right in zip(ours, copies, strict=True):
        np.testing.assert_array_equal(left.numpy(), right.numpy())
    momentum = first.variables[1]
    assert momentum.name == "Adam/m/w:0"
    assert first.variables[1] is momentum
    before = [each.numpy() for each in first.variables[2:]]
    momentum.assign([7.0, 8.0])
    momentum.assign_add([1.0, 1.0])
    np.testing.assert_array_equal(momentum.numpy(), [8.0, 9.0])
    for left, right in zip(first.variables[2:], before, strict=True):
        np.testing.assert_array_equal(left.numpy(), right)
    with pytest.raises(ValueError, match="10 arrays"):
        first.set_weights([1])
    with pytest.raises(ValueError, match="shape"):
        first.set_weights([np.zeros(5)] * 10)


def test_variables_met_later_join_those_met_before() -> None:
    """Any subsets in any order take the steps that each variable would take in an optimizer of its own."""
    tf = functape
    generator = np.random.default_rng(0)
    shapes = [(3,), (), (2, 2), (150, 120), (4,)]
    shared = [tf.Variable(generator.normal(size=shape).astype(np.float32)) for shape in shapes]
    alone = [tf.Variable(each.numpy()) for each in shared]
    together = tf.keras.optimizers.SGD(0.1, momentum=0.9)
    apart = [tf.keras.optimizers.SGD(0.1, momentum=0.9) for _ in shapes]
    for chosen in ([1], [0, 1], [2, 0, 3], [4, 3, 2, 1, 0], [3, 1], [0], [0, 4], [2, 1, 4]):
        together.apply_gradients([(shared[place] * 0.5, shared[place]) for place in chosen])
        for place in chosen:
            apart[place].apply_gradients([(alone[place] * 0.5, alone[place])])
    for left, right in zip(shared, alone, strict=True):
        np.testing.assert_allclose(left.numpy(), right.numpy(), rtol=1e-7)


def test_mixed_dtypes() -> None:
    tf = functape
    variables = [tf.Variable(1.0), tf.Variable(1.0, dtype=tf.float64), tf.Variable(1.0, dtype=tf.float16)]
    optimizer = tf.keras.optimizers.Adam(0.1)
    for _ in range(2):
        optimizer.apply_gradients([(each * 1.0, each) for each in variables])
    for each, dtype, tolerance in zip(variables, ("float32", "float64", "float16"), (1e-6, 1e-7, 1e-3), strict=True):
        assert each.dtype.name == dtype
        theirs = tensorflow.Variable(1.0, dtype=dtype)
        other = tf_keras.optimizers.Adam(0.1)
        for _ in range(2):
            other.apply_gradients([(theirs * 1.0, theirs)])
        np.testing.assert_allclose(each.numpy(), theirs.numpy(), rtol=tolerance)


def test_a_loss_scale() -> None:
    theirs_w, ours_w = tensorflow.Variable(1.0), functape.Variable(1.0)
    theirs, ours = keras.optimizers.SGD(0.1, loss_scale_factor=8.0), functape.optimizers.SGD(0.1, loss_scale_factor=8.0)
    theirs.apply_gradients([(theirs.scale_loss(theirs_w), theirs_w)])
    ours.apply_gradients([(ours.scale_loss(ours_w), ours_w)])
    np.testing.assert_allclose(ours_w.numpy(), theirs_w.numpy(), rtol=TOLERANCE)


def test_configurations_round_trip() -> None:
    optimizers = functape.keras.optimizers
    made = optimizers.Adam(0.25, beta_1=0.5, amsgrad=True, clipnorm=2.0, name="mine")
    again = optimizers.deserialize(optimizers.serialize(made))
    assert again.get_config() == made.get_config()
    theirs = keras.optimizers.Adam(0.25, beta_1=0.5, amsgrad=True, clipnorm=2.0, name="mine").get_config()
    assert {name: theirs[name] for name in made.get_config()} == made.get_config()
    assert isinstance(optimizers.get("ADAM"), optimizers.Adam)
    assert optimizers.get(made) is made
    with pytest.raises(ValueError, match="Unknown optimizer"):
        optimizers.get("unheard_of")


def test_importing_functape_does_not_import_optax() -> None:
    import subprocess
    import sys

    code = "import sys, functape; functape.keras; sys.exit('optax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
