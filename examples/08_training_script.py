"""A whole training program: a pipeline with augmentation, a tape loop, a checkpoint every epoch, curves in TensorBoard.

Run with `functape run examples/08_training_script.py [FOLDER]`; nothing in it knows of functape. Stop it at any moment,
even with kill -9, and start it again: it goes on after the last complete epoch, and ends with the same numbers.
`tensorboard --logdir FOLDER/logs` shows the curves while it runs; FOLDER/curves.png shows them at the end.
"""

import itertools
import pathlib
import sys

import matplotlib

matplotlib.use("agg")
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

EPOCHS = 12
SIZE = 12
folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).with_suffix(""))


def crosses_and_rings(count, seed):
    """Noisy pictures of a cross or a ring, at a random place, and which of them it is."""
    generator = np.random.default_rng(seed)
    labels = generator.integers(0, 2, count).astype(np.int32)
    rows, columns = np.mgrid[:SIZE, :SIZE]
    centers = generator.uniform(4, SIZE - 5, (count, 2, 1, 1))
    down, right = np.abs(rows - centers[:, 0]), np.abs(columns - centers[:, 1])
    cross = (np.minimum(down, right) < 0.7) & (np.maximum(down, right) < 3.5)
    ring = np.abs(np.hypot(down, right) - 3.0) < 0.7
    pictures = np.where(labels[:, None, None] == 0, cross, ring) + generator.normal(scale=0.6, size=cross.shape)
    return pictures.astype(np.float32)[..., np.newaxis], labels


pictures, labels = crosses_and_rings(2048, seed=1)
test_pictures, test_labels = crosses_and_rings(512, seed=2)


def batches(epoch):
    """The training pictures in this epoch's order, each mirrored at random and a little brighter or darker."""

    def augment(index, example):
        picture, label = example
        chance = tf.random.stateless_uniform([3], seed=tf.stack([tf.cast(index, tf.int32), epoch]))
        picture = tf.where(chance[0] < 0.5, picture, tf.reverse(picture, [0]))
        picture = tf.where(chance[1] < 0.5, picture, tf.reverse(picture, [1]))
        return picture * (0.8 + 0.4 * chance[2]), label

    dataset = tf.data.Dataset.from_tensor_slices((pictures, labels))
    dataset = dataset.shuffle(512, seed=epoch).enumerate().map(augment, num_parallel_calls=tf.data.AUTOTUNE)
    return dataset.batch(64, drop_remainder=True).prefetch(tf.data.AUTOTUNE)


class Classifier(tf.Module):
    def __init__(self):
        super().__init__()
        generator = np.random.default_rng(0)
        widths = [SIZE * SIZE, 64, 32, 2]
        self.kernels = [
            tf.Variable(generator.normal(scale=(2 / rows) ** 0.5, size=(rows, columns)).astype(np.float32))
            for rows, columns in itertools.pairwise(widths)
        ]
        self.biases = [tf.Variable(tf.zeros([columns])) for columns in widths[1:]]

    def __call__(self, inputs):
        hidden = tf.reshape(inputs, [-1, SIZE * SIZE])
        for kernel, bias in zip(self.kernels[:-1], self.biases[:-1]):
            hidden = tf.nn.relu(hidden @ kernel + bias)
        return hidden @ self.kernels[-1] + self.biases[-1]


model = Classifier()
optimizer = tf.keras.optimizers.Adam(learning_rate=0.002)
epochs_done = tf.Variable(0)
curves = tf.Variable(tf.zeros([2, EPOCHS]))

checkpoint = tf.train.Checkpoint(model=model, optimizer=optimizer, epochs_done=epochs_done, curves=curves)
manager = tf.train.CheckpointManager(checkpoint, str(folder / "checkpoints"), max_to_keep=3)
checkpoint.restore(manager.latest_checkpoint)
if manager.latest_checkpoint:
    print(f"goes on after epoch {int(epochs_done)}")

writer = tf.summary.create_file_writer(str(folder / "logs"))
for epoch in range(int(epochs_done), EPOCHS):
    losses = []
    for images, targets in batches(epoch):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, model(images)))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        losses.append(loss)
    correct = tf.equal(tf.argmax(model(test_pictures), axis=1), test_labels.astype(np.int64))
    mean_loss, accuracy = tf.reduce_mean(tf.stack(losses)), tf.reduce_mean(tf.cast(correct, tf.float32))
    with writer.as_default(step=epoch + 1):
        tf.summary.scalar("loss", mean_loss)
        tf.summary.scalar("accuracy on other pictures", accuracy)
        tf.summary.histogram("first kernel", model.kernels[0])
        tf.summary.image("augmented", images, max_outputs=4)
    curves[0, epoch].assign(mean_loss)
    curves[1, epoch].assign(accuracy)
    epochs_done.assign(epoch + 1)
    manager.save()
    print(
        f"epoch {epoch + 1}: loss {float(mean_loss):.4f}, accuracy on other pictures {float(accuracy):.3f}", flush=True
    )
writer.close()

figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4))
left.plot(range(1, EPOCHS + 1), curves[0].numpy(), marker="o")
left.set_title("Loss")
right.plot(range(1, EPOCHS + 1), curves[1].numpy(), marker="o", color="tab:green")
right.set_title("Accuracy on other pictures")
for axes in (left, right):
    axes.set_xlabel("epoch")
figure.tight_layout()
figure.savefig(folder / "curves.png", dpi=100)
print("the picture is in curves.png")
