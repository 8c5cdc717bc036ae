"""Newton's method on Rosenbrock's function, and pictures of what the tape recorded.

Run with `functape run examples/05_second_derivatives.py [FOLDER]`. It runs under TensorFlow too, without the pictures
of the tape.
"""

import pathlib
import sys

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent)
folder.mkdir(parents=True, exist_ok=True)


def rosenbrock(point):
    return (1.0 - point[0]) ** 2 + 100.0 * (point[1] - point[0] ** 2) ** 2


point = tf.Variable([-1.2, 1.0], dtype=tf.float64, name="point")
path = [point.numpy()]
for step in range(8):
    with tf.GradientTape() as outer:
        with tf.GradientTape() as inner:
            value = rosenbrock(point)
        gradient = inner.gradient(value, point)
    hessian = outer.jacobian(gradient, point)
    point.assign_sub(tf.linalg.solve(hessian, gradient[:, tf.newaxis])[:, 0])
    path.append(point.numpy())
    print(f"step {step + 1}: value {float(value):.3e} at {path[-1].round(6)}")

x, y = np.meshgrid(np.linspace(-1.6, 1.6, 200), np.linspace(-1.0, 1.6, 200))
figure, axes = plt.subplots(figsize=(6, 4))
axes.contour(x, y, np.log1p((1 - x) ** 2 + 100 * (y - x**2) ** 2), 30, linewidths=0.6)
axes.plot(*np.transpose(path), "o-", color="tab:red", label="Newton's method")
axes.plot(1, 1, "k*", markersize=12, label="the minimum")
axes.set_xlim(-1.6, 1.6)
axes.set_ylim(-1.0, 1.6)
axes.legend()
figure.tight_layout()
figure.savefig(folder / "05_second_derivatives.png", dpi=100)

if hasattr(tf, "draw"):
    with tf.GradientTape() as tape:
        value = rosenbrock(point)
    picture = tf.draw(tape, value, point)
    print(picture)
    (folder / "05_second_derivatives.svg").write_text(picture.svg)

    number = tf.constant(2.0)
    with tf.GradientTape() as tape:
        lost = tf.square(number)
    print(tf.explain(tape, lost, number))
