"""`fit`, `evaluate` and `predict` against tf.keras: histories, results and compilations over a table of settings."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf

import functape as ft

TOLERANCE = 1e-4
SIDES = (tf, ft)


def _data(rows=50, seed=0):
    draw = np.random.RandomState(seed)
    return draw.rand(rows, 6), draw.randint(0, 3, (rows,))


def _classifier(keras, **given):
    layers = [
        keras.layers.Dense(8, activation="relu", kernel_regularizer=given.get("regularizer")),
        keras.layers.Dense(3, activation="softmax"),
    ]
    if given.get("built"):
        layers.insert(0, keras.layers.Input((6,)))
    return keras.Sequential(layers)


def _agree(mine, theirs, tolerance=TOLERANCE):
    assert list(mine) == list(theirs)
    for name in theirs:
        np.testing.assert_allclose(mine[name], theirs[name], rtol=tolerance, atol=tolerance, err_msg=name)


X, Y = _data()
ONE_HOT = np.eye(3)[Y]
WEIGHTS = np.linspace(0.1, 2.0, 50)

FITS = {
    "plain": ({}, {}, (X, Y)),
    "not shuffled": ({}, {"shuffle": False}, (X, Y)),
    "shuffled within batches": ({}, {"shuffle": "batch", "batch_size": 8}, (X, Y)),
    "batches": ({}, {"batch_size": 7}, (X, Y)),
    "split": ({}, {"validation_split": 0.3}, (X, Y)),
    "validation": ({}, {"validation_data": _data(20, 1)}, (X, Y)),
    "validation, sometimes": ({}, {"validation_data": _data(20, 1), "validation_freq": 2}, (X, Y)),
    "validation, epochs": ({}, {"validation_data": _data(20, 1), "validation_freq": [1, 3]}, (X, Y)),
    "validation steps": (
        {},
        {"validation_data": _data(40, 1), "validation_steps": 2, "validation_batch_size": 5},
        (X, Y),
    ),
    "sample weights": ({"weighted_metrics": ["accuracy"]}, {"sample_weight": WEIGHTS}, (X, Y)),
    "class weights": ({"weighted_metrics": ["accuracy"]}, {"class_weight": {0: 1.0, 1: 3.0}}, (X, Y)),
    "one-hot": ({"loss": "categorical_crossentropy"}, {}, (X, ONE_HOT)),
    "one-hot, class weights": ({"loss": "categorical_crossentropy"}, {"class_weight": {2: 0.5}}, (X, ONE_HOT)),
    "steps": ({}, {"steps_per_epoch": 3, "batch_size": 10}, (X, Y)),
    "steps without a size": ({}, {"steps_per_epoch": 4}, (X, Y)),
    "several steps at a time": ({"steps_per_execution": 2}, {"batch_size": 10}, (X, Y)),
    "from a later epoch": ({}, {"initial_epoch": 1}, (X, Y)),
    "adam": ({"optimizer": "adam"}, {}, (X, Y)),
    "rmsprop": ({"optimizer": "rmsprop"}, {}, (X, Y)),
    "eagerly": ({"run_eagerly": True}, {}, (X, Y)),
    "no metrics": ({"metrics": None}, {}, (X, Y)),
    "more metrics": (
        {"metrics": ["acc", "sparse_top_k_categorical_accuracy", "sparse_categorical_crossentropy"]},
        {},
        (X, Y),
    ),
    "the same metric twice": ({"metrics": ["accuracy", "accuracy"], "weighted_metrics": ["accuracy"]}, {}, (X, Y)),
    "float32": ({}, {}, (X.astype("float32"), Y.astype("int32"))),
    "labels in a column": ({}, {}, (X, Y[:, None])),
}


def _fit(side, compile_given, fit_given, data, **model):
    keras = side.keras
    keras.utils.set_random_seed(7)
    built = _classifier(keras, **model)
    built.compile(
        **{"optimizer": "sgd", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **compile_given}
    )
    return built, built.fit(*data, **{"epochs": 3, "verbose": 0, **fit_given})


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
@pytest.mark.parametrize("name", FITS)
def test_history(name):
    results = [_fit(side, *FITS[name]) for side in SIDES]
    theirs, mine = (history for _, history in results)
    assert mine.epoch == theirs.epoch
    _agree(mine.history, theirs.history)
    for left, right in zip(results[1][0].get_weights(), results[0][0].get_weights(), strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-4, atol=1e-5)


def test_another_order_fails_the_tolerance():
    (_, theirs), (_, mine) = _fit(tf, {}, {}, (X, Y)), _fit(ft, {}, {"shuffle": False}, (X, Y))
    with pytest.raises(AssertionError):
        _agree(mine.history, theirs.history)


def test_regularization_losses_and_a_built_model():
    results = [
        _fit(side, {"optimizer": "adam"}, {}, (X, Y), built=True, regularizer=side.keras.regularizers.L2(0.1))[
            1
        ].history
        for side in SIDES
    ]
    _agree(results[1], results[0])


@pytest.mark.parametrize(
    "kind", ["dataset", "generator", "sequence", "infinite", "weighted dataset", "dataset of unknown length"]
)
def test_kinds_of_data(kind):
    def run(side):
        keras = side.keras
        keras.utils.set_random_seed(1)
        model = _classifier(keras)
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
        x, y = X.astype("float32"), Y
        given = {"epochs": 3, "verbose": 0}

        class Parts(keras.utils.Sequence):
            def __init__(self):
                super().__init__()

            def __len__(self):
                return 5

            def __getitem__(self, index):
                return x[index * 10 : index * 10 + 10], y[index * 10 : index * 10 + 10]

        def endless():
            while True:
                for start in range(0, 50, 10):
                    yield x[start : start + 10], y[start : start + 10]

        if kind == "dataset":
            data = side.data.Dataset.from_tensor_slices((x, y)).shuffle(50, seed=3).batch(8)
            given["validation_data"] = side.data.Dataset.from_tensor_slices((x, y)).batch(8)
        elif kind == "dataset of unknown length":
            data = side.data.Dataset.from_tensor_slices((x, y)).filter(lambda *row: True).shuffle(50, seed=3).batch(8)
        elif kind == "weighted dataset":
            data = side.data.Dataset.from_tensor_slices((x, y, WEIGHTS.astype("float32"))).batch(8)
        elif kind == "sequence":
            data = Parts()
        elif kind == "infinite":
            data = side.data.Dataset.from_tensor_slices((x, y)).repeat().batch(10)
            given["steps_per_epoch"] = 4
        else:
            data = endless()
            given["steps_per_epoch"] = 3
        history = model.fit(data, **given)
        return history.history

    theirs, mine = map(run, SIDES)
    _agree(mine, theirs)


def _two_outputs(keras, as_dict=False):
    first, second = keras.Input((6,), name="first"), keras.Input((6,), name="second")
    joined = keras.layers.Dense(5, activation="tanh")(first + second)
    one = keras.layers.Dense(1, name="one")(joined)
    two = keras.layers.Dense(3, activation="softmax", name="two")(joined)
    return keras.Model([first, second], {"one": one, "two": two} if as_dict else [one, two])


TARGET = np.random.RandomState(5).rand(50, 1)
OUTPUTS = {
    "one loss each": ({"loss": ["mse", "sparse_categorical_crossentropy"]}, [TARGET, Y]),
    "weights": ({"loss": ["mse", "sparse_categorical_crossentropy"], "loss_weights": [0.3, 2.0]}, [TARGET, Y]),
    "dict": (
        {
            "loss": {"one": "mae", "two": "sparse_categorical_crossentropy"},
            "metrics": {"two": ["accuracy"], "one": ["mse", "mae"]},
            "loss_weights": {"one": 0.5, "two": 1.5},
        },
        {"one": TARGET, "two": Y},
    ),
    "lists of metrics": (
        {"loss": ["mse", "sparse_categorical_crossentropy"], "metrics": [["mae"], ["accuracy"]]},
        [TARGET, Y],
    ),
    "loss for one": ({"loss": ["mse", None]}, [TARGET, Y]),
}


@pytest.mark.parametrize("name", OUTPUTS)
@pytest.mark.parametrize("as_dict", [False, True])
def test_several_outputs(name, as_dict):
    given, labels = OUTPUTS[name]
    if as_dict and not isinstance(labels, dict):
        labels = dict(zip(("one", "two"), labels, strict=True))
        given = {key: dict(zip(("one", "two"), each, strict=True)) for key, each in given.items()}

    def run(side):
        side.keras.utils.set_random_seed(2)
        model = _two_outputs(side.keras, as_dict)
        model.compile("sgd", **given)
        history = model.fit([X, X[::-1]], labels, epochs=2, verbose=0).history
        tested = model.evaluate([X, X[::-1]], labels, verbose=0, return_dict=True)
        listed = model.evaluate([X, X[::-1]], labels, verbose=0)
        predicted = model.predict([X, X[::-1]], verbose=0)
        return history, tested, np.atleast_1d(listed), predicted

    theirs, mine = map(run, SIDES)
    _agree(mine[0], theirs[0])
    _agree(mine[1], theirs[1])
    np.testing.assert_allclose(mine[2], theirs[2], rtol=TOLERANCE)
    assert type(mine[3]) is type(theirs[3])
    left, right = (list(each[3].values()) if as_dict else each[3] for each in (mine, theirs))
    for one, other in zip(left, right, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-5)


def test_inputs_by_name_and_weights_by_output():
    def run(side):
        side.keras.utils.set_random_seed(2)
        model = _two_outputs(side.keras)
        model.compile("sgd", loss=["mse", "sparse_categorical_crossentropy"], weighted_metrics=[["mae"], ["accuracy"]])
        x = {"first": X, "second": X[::-1]}
        return model.fit(x, [TARGET, Y], sample_weight=[WEIGHTS, WEIGHTS[::-1]], epochs=2, verbose=0).history

    theirs, mine = map(run, SIDES)
    _agree(mine, theirs)


def test_one_batch_at_a_time():
    def run(side):
        model, _ = _fit(side, {"metrics": None, "weighted_metrics": ["accuracy"]}, {"epochs": 1}, (X, Y))
        results = [model.train_on_batch(X[:9], Y[:9]), model.train_on_batch(X[:9], Y[:9], sample_weight=WEIGHTS[:9])]
        results.append(model.train_on_batch(X[:9], Y[:9], class_weight={0: 2.0, 1: 1.0, 2: 1.0}))
        results.append(model.test_on_batch(X[:9], Y[:9]))
        named = model.test_on_batch(X[:9], Y[:9], return_dict=True)
        return np.array(results), named, model.predict_on_batch(X[:9]), model.predict(X, batch_size=8, verbose=0)

    theirs, mine = map(run, SIDES)
    np.testing.assert_allclose(mine[0], theirs[0], rtol=TOLERANCE)
    _agree(mine[1], theirs[1])
    for place in (2, 3):
        assert isinstance(mine[place], np.ndarray) and mine[place].dtype == theirs[place].dtype
        np.testing.assert_allclose(mine[place], theirs[place], rtol=TOLERANCE)


# ---- steps of one's own ----------------------------------------------------------------------------------------------


def _keras_3_model(side):
    class Own(side.keras.Model):
        def train_step(self, data):
            x, y = data
            with side.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compute_loss(y=y, y_pred=y_pred)
            variables = self.trainable_variables
            self.optimizer.apply(tape.gradient(loss, variables), variables)
            for metric in self.metrics:
                if metric.name == "loss":
                    metric.update_state(loss)
                else:
                    metric.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    return Own


def _lowest_level(side):
    class Own(side.keras.Model):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.loss_tracker = side.keras.metrics.Mean(name="loss")
            self.mae_metric = side.keras.metrics.MeanAbsoluteError(name="mae")

        def train_step(self, data):
            x, y = data
            with side.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = side.reduce_mean(side.square(side.cast(y, "float32")[:, None] - y_pred))
            gradients = tape.gradient(loss, self.trainable_weights)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
            self.loss_tracker.update_state(loss)
            self.mae_metric.update_state(y, y_pred[:, 0])
            return {"loss": self.loss_tracker.result(), "mae": self.mae_metric.result()}

        @property
        def metrics(self):
            return [self.loss_tracker, self.mae_metric]

    return Own


def _own_loss(side):
    class Own(side.keras.Model):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            loss = super().compute_loss(x, y, y_pred, sample_weight)
            return loss * 2.0 + side.reduce_sum(self.trainable_weights[0]) * 0.01

        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            results = super().compute_metrics(x, y, y_pred, sample_weight)
            return results | {"constant": side.constant(4.0)}

    return Own


def _own_test_step(side):
    class Own(side.keras.Model):
        def test_step(self, data):
            x, y = data
            y_pred = self(x, training=False)
            return {"worst": side.reduce_max(side.abs(side.cast(y, "float32")[:, None] - y_pred))}

        def predict_step(self, data):
            return self(data) * 10.0

    return Own


@pytest.mark.parametrize("make", [_keras_3_model, _lowest_level, _own_loss, _own_test_step])
def test_own_steps(make):
    def run(side):
        keras = side.keras
        keras.utils.set_random_seed(4)
        inputs = keras.Input((6,))
        model = make(side)(inputs, keras.layers.Dense(1)(keras.layers.Dense(4, activation="relu")(inputs)))
        given = {} if make is _lowest_level else {"loss": "mse", "metrics": ["mae"]}
        model.compile(optimizer="adam", **given)
        history = model.fit(X, Y, epochs=2, verbose=0, batch_size=10).history
        if make is _lowest_level:
            return history, {}, model.predict(X, verbose=0)
        return history, model.evaluate(X, Y, verbose=0, return_dict=True, batch_size=25), model.predict(X, verbose=0)

    theirs, mine = map(run, SIDES)
    _agree(mine[0], theirs[0])
    _agree(mine[1], theirs[1])
    np.testing.assert_allclose(mine[2], theirs[2], rtol=1e-3, atol=1e-5)


def test_a_train_step_written_for_keras_2():
    class Own(ft.keras.Model):
        def train_step(self, data):
            x, y = data
            with ft.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
            self.optimizer.minimize(loss, self.trainable_variables, tape=tape)
            self.compiled_metrics.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    histories = []
    for kind in (Own, ft.keras.Model):
        ft.keras.utils.set_random_seed(4)
        inputs = ft.keras.Input((6,))
        model = kind(inputs, ft.keras.layers.Dense(1)(inputs))
        model.compile("sgd", "mse", metrics=["mae"])
        histories.append(dict(sorted(model.fit(X, Y, epochs=2, verbose=0).history.items())))
    _agree(*histories, tolerance=1e-6)


def test_losses_that_layers_add():
    def run(side):
        keras = side.keras

        class Penalty(keras.layers.Layer):
            def call(self, inputs):
                self.add_loss(0.1 * side.reduce_mean(side.square(inputs)))
                return inputs

        keras.utils.set_random_seed(4)
        model = keras.Sequential([keras.layers.Dense(4, activity_regularizer="l2"), Penalty(), keras.layers.Dense(1)])
        model.compile("sgd", "mse")
        history = model.fit(X, TARGET, epochs=2, verbose=0).history
        alone = keras.Sequential([keras.layers.Dense(4), Penalty()])
        alone.compile("sgd")
        return history, alone.fit(X, epochs=2, verbose=0).history, model.evaluate(X, TARGET, verbose=0)

    theirs, mine = map(run, SIDES)
    _agree(mine[0], theirs[0])
    _agree(mine[1], theirs[1])
    np.testing.assert_allclose(mine[2], theirs[2], rtol=TOLERANCE)


@pytest.mark.parametrize(
    "loss", ["mse", ["mse", "mae", "mse"], {"a": "mse", "z": "mae", "m": "mse"}], ids=["one", "list", "dict"]
)
def test_the_results_of_a_dict_of_outputs_are_in_keras_order(loss):
    def run(keras):
        inputs = keras.Input((2,))
        outputs = {
            key: keras.layers.Dense(1, name=key + key, kernel_initializer="ones", use_bias=False)(inputs)
            for key in "mza"
        }
        model = keras.Model(inputs, outputs)
        model.compile("sgd", loss, metrics={"z": ["mae"], "a": ["mse"]}, weighted_metrics={"z": ["mse"]})
        x, y = np.ones((4, 2)), {key: np.full((4, 1), each) for key, each in zip("azm", (0.0, 1.0, 5.0), strict=True)}
        return [
            model.output_names,
            model.evaluate(x, y, verbose=0),
            list(model.evaluate(x, y, verbose=0, return_dict=True)),
            model.test_on_batch(x, y),
            list(model.test_on_batch(x, y, return_dict=True)),
            list(model.predict(x, verbose=0)),
        ]

    theirs, ours = (run(side.keras) for side in SIDES)
    for wanted, found in zip(theirs, ours, strict=True):
        assert found == (wanted if isinstance(wanted[0], str) else pytest.approx(wanted))


# ---- errors and compilations -----------------------------------------------------------------------------------------

ERRORS = {
    "fit before compile": lambda keras, model: keras.Sequential([keras.layers.Dense(1)]).fit(X, Y),
    "evaluate before compile": lambda keras, model: keras.Sequential([keras.layers.Dense(1)]).evaluate(X, Y),
    "different lengths": lambda keras, model: model.fit(X, Y[:9], verbose=0),
    "both weights": lambda keras, model: model.fit(X, Y, sample_weight=WEIGHTS, class_weight={0: 1.0}, verbose=0),
    "split leaves nothing": lambda keras, model: model.fit(X[:1], Y[:1], validation_split=0.5, verbose=0),
    "weights that are none": lambda keras, model: model.compile("sgd", ["mse", "mse"], loss_weights="a"),
    "metrics that are none": lambda keras, model: model.compile("sgd", "mse", metrics="mae"),
    "unknown optimizer": lambda keras, model: model.compile("nobody", "mse"),
    "no data": lambda keras, model: model.fit(object(), verbose=0),
    **{
        f"{method} of {data!r}": lambda keras, model, method=method, data=data: getattr(model, method)(data, verbose=0)
        for method in ("fit", "evaluate", "predict")
        for data in ("a text", b"bytes", 3, 2.5, {"x": "a text"})
    },
    "both weights of a batch": lambda keras, model: model.train_on_batch(
        X, Y, class_weight={0: 1.0}, sample_weight=WEIGHTS
    ),
    "unknown loss": lambda keras, model: (model.compile("sgd", "nobody"), model.fit(X, Y, verbose=0)),
    "labels beside a dataset": lambda keras, model: model.fit(
        (ft if "functape" in keras.__name__ else tf).data.Dataset.range(3), Y, verbose=0
    ),
    "no labels": lambda keras, model: model.fit(X, verbose=0),
    "frequency": lambda keras, model: model.fit(X, Y, validation_data=(X, Y), validation_freq="a", verbose=0),
}


@pytest.mark.parametrize("name", ERRORS)
def test_errors(name):
    kinds = []
    for side in SIDES:
        model = _classifier(side.keras)
        model.compile("sgd", "sparse_categorical_crossentropy")
        with pytest.raises(Exception) as caught:
            ERRORS[name](side.keras, model)
        kinds.append(caught.type)
    assert issubclass(kinds[1], kinds[0])


@pytest.mark.parametrize("as_dict", [False, True])
def test_labels_under_a_name_that_is_no_output_are_refused(as_dict):
    model = _two_outputs(ft.keras, as_dict)
    model.compile("sgd", "mse")
    with pytest.raises(ValueError, match=r"\['too'\], which are no outputs.*\['one', 'two'\]"):
        model.fit([X, X], {"one": TARGET, "too": TARGET}, verbose=0)


def test_nothing_is_compiled_once_an_epoch_is_over():
    model, _ = _fit(ft, {"optimizer": "adam"}, {"epochs": 2, "validation_split": 0.2}, (X, Y))
    model.fit(X, Y, epochs=1, verbose=0, validation_split=0.2)
    before = ft.config.counters()
    model.fit(X, Y, epochs=3, verbose=0, validation_split=0.2)
    assert ft.config.counters().programs_compiled == before.programs_compiled


def test_a_step_is_one_program():
    model, _ = _fit(ft, {"optimizer": "adam"}, {"epochs": 1}, (X, Y))
    before = ft.config.counters()
    model.fit(X, Y, epochs=1, verbose=0)
    few = ft.config.counters().flushes - before.flushes
    before = ft.config.counters()
    model.fit(np.tile(X, (20, 1))[:960], np.tile(Y, 20)[:960], epochs=1, verbose=0)
    many = ft.config.counters().flushes - before.flushes
    assert many == few, "steps run nothing but their own program"


def test_learning_rate_and_weights_may_change_between_fits():
    def run(side):
        model, first = _fit(side, {}, {"epochs": 1}, (X, Y))
        model.optimizer.learning_rate = 0.05
        second = model.fit(X, Y, epochs=1, verbose=0)
        model.set_weights([np.ones_like(each) for each in model.get_weights()])
        third = model.fit(X, Y, epochs=1, verbose=0)
        return [each.history["loss"][0] for each in (first, second, third)]

    theirs, mine = map(run, SIDES)
    np.testing.assert_allclose(mine, theirs, rtol=TOLERANCE)


# ---- what layers are built for ---------------------------------------------------------------------------------------

ROWS = np.zeros((10, 3), np.float32), np.zeros((10, 1), np.float32)


def _batched(module, **given):
    return module.data.Dataset.from_tensor_slices(ROWS).batch(5, **given)


BUILDING = {
    "fit, batches alike": lambda module, model: model.fit(*ROWS, batch_size=5, verbose=0),
    "fit, a short last batch": lambda module, model: model.fit(*ROWS, batch_size=4, verbose=0),
    "fit, a short batch": lambda module, model: model.fit(*ROWS, verbose=0),
    "fit, a dataset": lambda module, model: model.fit(_batched(module), verbose=0),
    "fit, a dataset of batches alike": lambda module, model: model.fit(
        _batched(module, drop_remainder=True), verbose=0
    ),
    "fit, an endless dataset": lambda module, model: model.fit(_batched(module).repeat(), steps_per_epoch=2, verbose=0),
    "fit, step by step": lambda module, model: (
        model.compile("sgd", "mse", run_eagerly=True),
        model.fit(*ROWS, batch_size=4, verbose=0),
    ),
    "fit, a generator": lambda module, model: model.fit((each for each in (ROWS, ROWS)), verbose=0),
    "evaluate": lambda module, model: model.evaluate(*ROWS, batch_size=4, verbose=0),
    "evaluate, batches alike": lambda module, model: model.evaluate(*ROWS, batch_size=5, verbose=0),
    "predict": lambda module, model: model.predict(ROWS[0], batch_size=4, verbose=0),
    "train_on_batch": lambda module, model: model.train_on_batch(*ROWS),
    "a call": lambda module, model: model(ROWS[0]),
}


def _shapes_built_for(module, case, subclassed):
    """The shapes that a layer was built for, and the model's summary."""
    keras, shapes, lines = module.keras, [], []

    class Noting(keras.layers.Layer):
        def build(self, input_shape):
            shapes.append(tuple(input_shape))
            super().build(input_shape)

        def call(self, inputs):
            return inputs * 2.0

    class Model(keras.Model):
        def __init__(self):
            super().__init__()
            self.noting, self.dense = Noting(), keras.layers.Dense(1)
            # What is no batch has the length it has.
            self.table, self.look_up = module.constant(np.eye(7, 3, dtype=np.float32)), Noting()

        def call(self, inputs):
            return self.dense(self.noting(inputs)) + module.reduce_sum(self.look_up(self.table))

    keras.backend.clear_session()
    model = Model() if subclassed else keras.Sequential([Noting(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    BUILDING[case](module, model)
    model.summary(print_fn=lambda line, **_: lines.append(line))
    return set(shapes), [line for line in "\n".join(lines).split("\n") if "(Dense)" in line]


@pytest.mark.parametrize("subclassed", [False, True], ids=["Sequential", "subclass"])
@pytest.mark.parametrize("case", BUILDING)
def test_layers_are_built_for_the_batches_there_may_be(case, subclassed):
    mine, theirs = (_shapes_built_for(module, case, subclassed) for module in (ft, tf))
    assert mine == theirs
