"""Fit a small network to a noisy curve with a GradientTape loop, and draw the result.

Run with `functape run examples/04_fit_a_curve.py [PICTURE]`; nothing in it knows of functape.
"""

import pathlib
import sys

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

HIDDEN = 32
STEPS = 2000

generator = np.random.default_rng(0)
x = np.linspace(-3.0, 3.0, 200, dtype=np.float32)[:, np.newaxis]
clean = np.sin(2.0 * x) * np.exp(-0.2 * x**2)
y = (clean + generator.normal(scale=0.1, size=x.shape)).astype(np.float32)


def weights(rows, columns):
    return tf.Variable(generator.normal(scale=rows**-0.5, size=(rows, columns)).astype(np.float32))


w1, b1 = weights(1, HIDDEN), tf.Variable(tf.zeros([HIDDEN]))
w2, b2 = weights(HIDDEN, HIDDEN), tf.Variable(tf.zeros([HIDDEN]))
w3, b3 = weights(HIDDEN, 1), tf.Variable(tf.zeros([1]))
variables = [w1, b1, w2, b2, w3, b3]


def predict(inputs):
    hidden = tf.tanh(tf.matmul(inputs, w1) + b1)
    hidden = tf.tanh(tf.matmul(hidden, w2) + b2)
    return tf.matmul(hidden, w3) + b3


optimizer = tf.keras.optimizers.Adam(learning_rate=0.003)
losses = []
for step in range(STEPS):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(predict(x) - y))
    gradients = tape.gradient(loss, variables)
    optimizer.apply_gradients(zip(gradients, variables))
    losses.append(loss)
    if (step + 1) % 500 == 0:
        print(f"step {step + 1}: loss {float(loss):.4f}")

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
left.plot(x, y, ".", color="0.7", label="data")
left.plot(x, clean, "--", label="without noise")
left.plot(x, predict(x), label="fitted")
left.legend()
left.set_title("The fit")
right.semilogy([float(loss) for loss in losses])
right.set_xlabel("step")
right.set_title("The loss")
figure.tight_layout()
picture = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).with_suffix(".png"))
figure.savefig(picture, dpi=100)
print(f"the picture is in {picture.name}")
