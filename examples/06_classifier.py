"""Train a small classifier with a tape, by hand and then with `fit`, and draw how loss and accuracy change.

Run with `functape run examples/06_classifier.py [PICTURE]`; nothing in it knows of functape.
"""

import pathlib
import sys

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

tf.keras.utils.set_random_seed(0)
generator = np.random.default_rng(0)
inputs = generator.normal(size=(400, 4)).astype(np.float32)
labels = (inputs[:, 0] * inputs[:, 1] > 0.0).astype(np.float32)[:, np.newaxis]

model = tf.keras.Sequential(
    [
        tf.keras.layers.Input(shape=(4,)),
        tf.keras.layers.Dense(16, activation="relu"),
        tf.keras.layers.Dense(1, activation="sigmoid"),
    ]
)
loss_function = tf.keras.losses.BinaryCrossentropy()

# One gradient step, written out.
with tf.GradientTape() as tape:
    probabilities = model(inputs)
    loss = loss_function(labels, probabilities)
gradients = tape.gradient(loss, model.trainable_weights)
tf.keras.optimizers.Adam().apply_gradients(zip(gradients, model.trainable_weights))
print(f"before the step {float(loss):.4f}, after it {float(loss_function(labels, model(inputs))):.4f}")

# The rest of them.
model.compile(tf.keras.optimizers.Adam(0.01), loss_function, metrics=["accuracy"])
history = model.fit(inputs, labels, epochs=30, validation_split=0.25, verbose=2 if "-v" in sys.argv else 0).history
for name in ("loss", "accuracy", "val_loss", "val_accuracy"):
    print(f"{name}: from {history[name][0]:.3f} to {history[name][-1]:.3f}")

figure, axes = plt.subplots(1, 2, figsize=(10, 4))
for axis, name in zip(axes, ("loss", "accuracy")):
    axis.plot(history[name], label="training")
    axis.plot(history[f"val_{name}"], label="validation")
    axis.set_xlabel("epoch")
    axis.set_title(name)
    axis.legend()
figure.tight_layout()
given = [each for each in sys.argv[1:] if each != "-v"]
picture = pathlib.Path(given[0] if given else pathlib.Path(__file__).with_suffix(".png"))
figure.savefig(picture, dpi=100)
print(f"the picture is in {picture.name}")
