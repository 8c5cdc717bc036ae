import numpy as np
import tensorflow as tf

model = tf.keras.Sequential(
    [
        tf.keras.layers.Dense(10, activation="tanh", input_shape=(2,)),
        tf.keras.layers.Dense(10, activation="tanh"),
        tf.keras.layers.Dense(1),
    ]
)
optimizer = tf.keras.optimizers.Adam(1e-3)
nu = 0.01 / np.pi


def residual(x, t):
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, t])
        u = model(tf.concat([x, t], axis=1))
        u_x = tape.gradient(u, x)
    u_t = tape.gradient(u, t)
    u_xx = tape.gradient(u_x, x)
    del tape
    return u_t + u * u_x - nu * u_xx


@tf.function
def train_step(x, t, x0, u0):
    with tf.GradientTape() as tape:
        r = residual(x, t)
        phi = tf.reduce_mean(tf.square(r))
        boundary = tf.reduce_mean(tf.square(u0 - model(x0)))
        loss = phi + boundary
    grad = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grad, model.trainable_variables, strict=True))
    return loss


def f(*s):
    return tf.constant(np.random.rand(*s).astype("float32"))


for _ in range(2):
    train_step(f(16, 1), f(16, 1), f(8, 2), f(8, 1))
