"""Steps as beginners' notebooks write them, each a function `make(tf)` that returns a step and its arguments."""

from __future__ import annotations

import numpy as np

DRAW = np.random.default_rng(3)
FEATURES = DRAW.random((64, 32)).astype(np.float32)
TARGETS = DRAW.random((64, 10)).astype(np.float32)


def derivative(tf):
    x = tf.Variable(3.0, name="x")

    def step():
        with tf.GradientTape() as t:
            y = x * x + 4 * x
        return t.gradient(y, x)

    return step, ()


def small_model(tf):
    features = np.array([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]]) / 12
    labels = np.array([1, 0, 1])
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential(
        [tf.keras.layers.Dense(3, input_shape=(4,)), tf.keras.layers.Dense(1, activation="sigmoid")]
    )
    loss_func = tf.keras.losses.BinaryCrossentropy()
    optimizer = tf.keras.optimizers.Adam()

    def step():
        with tf.GradientTape(persistent=True) as tape:
            logits = model(features)
            loss_value = loss_func(labels, logits)
        gradients = tape.gradient(loss_value, model.trainable_weights)
        optimizer.apply_gradients(zip(gradients, model.trainable_weights, strict=True))
        return loss_value

    return step, ()


def least_squares(tf):
    w = tf.Variable([[1.0], [2.0]], name="w")
    b = tf.Variable(1.0, name="b")
    parameters = [w, b]

    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(tf.square(tf.matmul(x, w) + b - y))
        return tape.gradient(loss, parameters)

    return step, (np.float32([[1, 2], [3, 4]]), np.float32([[1], [2]]))


def linear_regression(tf):
    w, b = tf.Variable(0.3, name="w"), tf.Variable(0.7, name="b")
    parameters = [w, b]
    optimizer = tf.keras.optimizers.SGD(learning_rate=1e-3)

    def step(x, y):
        with tf.GradientTape() as tape:
            y_hat = x * w + b
            loss = tf.reduce_sum(tf.square(y_hat - y))
        gradients = tape.gradient(loss, parameters)
        optimizer.apply_gradients(grads_and_vars=zip(gradients, parameters, strict=True))
        return loss

    x = DRAW.random((2, 3)).astype(np.float32)
    return step, (x, 3 * x + 2)


def parabola(tf):
    x = tf.Variable(0.0, name="x", dtype=tf.float32)
    return x, tf.constant(1.0, name="a"), tf.constant(-2.0, name="b"), tf.constant(1.0, name="c")


def second_derivative(tf):
    x, a, b, c = parabola(tf)

    def step():
        with tf.GradientTape() as tape2:
            with tf.GradientTape() as tape1:
                tape1.watch([a, b, c])
                y = a * x**2 + b * x + c
            dy_dx, dy_da = tape1.gradient(y, [x, a])
        return dy_dx, dy_da, tape2.gradient(dy_dx, x)

    return step, ()


def descent(tf):
    x, a, b, c = parabola(tf)
    opt = tf.keras.optimizers.SGD(learning_rate=0.01)

    def step():
        with tf.GradientTape() as tape:
            y = a * x**2 + b * x + c
        dy_dx = tape.gradient(y, x)
        opt.apply_gradients(grads_and_vars=[(dy_dx, x)])
        return y

    return step, ()


def minimize(tf):
    x, a, b, c = parabola(tf)
    opt = tf.keras.optimizers.SGD(learning_rate=0.01)

    def f():
        return a * x**2 + b * x + c

    def step():
        opt.minimize(f, [x])
        return f()

    return step, ()


def descent_in_a_function(tf):
    x, a, b, c = parabola(tf)
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)

    @tf.function
    def step():
        for _ in tf.range(1000):
            with tf.GradientTape() as tape:
                y = a * x**2 + b * x + c
            dy_dx = tape.gradient(y, x)
            opt.apply_gradients([(dy_dx, x)])
        return a * x**2 + b * x + c

    return step, ()


def minimize_in_a_function(tf):
    x, a, b, c = parabola(tf)
    opt = tf.keras.optimizers.Adam(learning_rate=0.01)

    @tf.function
    def f():
        return a * x**2 + b * x + c

    @tf.function
    def step():
        for _ in range(10):
            opt.minimize(f, [x])
        return f()

    return step, ()


def softmax_of_a_layer(tf):
    w, b = tf.constant(DRAW.normal(size=(4, 3)).astype(np.float32)), tf.zeros([3])
    y = tf.constant([2, 0])

    def step(x):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([w, b])
            logits = x @ w + b
            prob = tf.nn.softmax(logits, axis=1)
            loss = tf.reduce_mean(tf.keras.losses.MSE(tf.one_hot(y, depth=3), prob))
            entropy = tf.reduce_mean(
                tf.keras.losses.categorical_crossentropy(tf.one_hot(y, depth=3), logits, from_logits=True)
            )
        return tape.gradient(loss, [w, b]), tape.gradient(entropy, [w, b])

    return step, (DRAW.normal(size=(2, 4)).astype(np.float32),)


def chain_rule(tf):
    w1, b1, w2, b2 = tf.constant(2.0), tf.constant(1.0), tf.constant(2.0), tf.constant(1.0)

    def step(x):
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([w1, b1, w2, b2])
            y1 = x * w1 + b1
            y2 = y1 * w2 + b2
        return tape.gradient(y2, [y1])[0] * tape.gradient(y1, [w1])[0], tape.gradient(y2, [w1])[0]

    return step, (np.float32(1.0),)


def classifier(tf, optimizer=None, loss_fn=None):
    """The model of the training loops, its optimizer, loss and metric."""
    tf.keras.utils.set_random_seed(0)

    class MyModel(tf.keras.Model):
        def __init__(self, num_classes=10):
            super().__init__(name="my_model")
            self.dense_1 = tf.keras.layers.Dense(32, activation="relu")
            self.dense_2 = tf.keras.layers.Dense(num_classes)

        def call(self, inputs):
            x = self.dense_1(inputs)
            return self.dense_2(x)

    model = MyModel()
    model(FEATURES)
    return (
        model,
        optimizer or tf.keras.optimizers.SGD(learning_rate=1e-3),
        loss_fn or tf.keras.losses.CategoricalCrossentropy(from_logits=True),
        tf.keras.metrics.CategoricalAccuracy(),
    )


def training_loop(tf):
    model, optimizer, loss_fn, train_acc_metric = classifier(tf)

    def train_step(x_batch_train, y_batch_train):
        with tf.GradientTape() as tape:
            logits = model(x_batch_train, training=True)
            loss_value = loss_fn(y_batch_train, logits)
        grads = tape.gradient(loss_value, model.trainable_weights)
        optimizer.apply_gradients(zip(grads, model.trainable_weights, strict=True))
        train_acc_metric(y_batch_train, logits)
        return loss_value

    return train_step, (FEATURES, TARGETS)


def training_with_adam(tf):
    model, optimizer, loss_fn, _ = classifier(tf, tf.keras.optimizers.Adam(), tf.keras.losses.CategoricalCrossentropy())

    def train_step(data, labels):
        with tf.GradientTape() as tape:
            predictions = model(data)
            loss = loss_fn(labels, tf.nn.softmax(predictions))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables, strict=True))
        return loss

    return train_step, (FEATURES, TARGETS)


def validation(tf):
    model, _, _, val_acc_metric = classifier(tf)

    def test_step(x_batch_val, y_batch_val):
        val_logits = model(x_batch_val, training=False)
        val_acc_metric.update_state(y_batch_val, val_logits)
        return val_acc_metric.result()

    return test_step, (FEATURES, TARGETS)


STEPS = {
    each.__name__: each
    for each in (
        derivative, small_model, least_squares, linear_regression, second_derivative, descent, minimize,
        descent_in_a_function, minimize_in_a_function, softmax_of_a_layer, chain_rule, training_loop,
        training_with_adam, validation,
    )
}  # fmt: skip
