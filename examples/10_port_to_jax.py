"""Port a tape loop to JAX, one step at a time, and check each step.

Run with `python examples/10_port_to_jax.py`. The training step is written as in TensorFlow; it becomes a pure function,
then a scan, and in the end a module that imports only JAX.
"""

import jax
import numpy as np

import functape as tf

generator = np.random.default_rng(0)
x = generator.normal(size=(64, 4)).astype(np.float32)
y = (x @ np.float32([[1.0], [-2.0], [0.5], [3.0]]) + 1.0).astype(np.float32)

# 1. The program as it is.
tf.keras.utils.set_random_seed(0)
model = tf.keras.Sequential([tf.keras.layers.Dense(16, activation="tanh"), tf.keras.layers.Dense(1)])
model(x)
optimizer = tf.keras.optimizers.Adam(0.01)


def train_step(inputs, targets):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(inputs) - targets))
    gradients = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(gradients, model.trainable_variables))
    return loss


# 2. The same step as a pure function of a plain pytree; nothing in the program changes.
step, state = tf.functionalize(train_step, x, y)

# 3. Proof that it is the same: outputs, variables and optimizer slots after each step.
tf.testing.assert_equivalent((step, state), train_step, [(x, y)] * 3)
print("the pure step agrees with the tape")

# 4. All of JAX is open to it: 200 steps in one compiled loop.
state, losses = jax.jit(lambda state: jax.lax.scan(lambda s, _: step(s, x, y), state, None, length=200))(state)
print("the loss falls:", bool(losses[-1] < 0.1 * losses[0]))

# 5. And back: the program goes on where the loop stopped.
tf.load_state(step, state)
print("the program goes on:", bool(abs(float(train_step(x, y)) - float(step(state, x, y)[1])) < 1e-5))

# 6. The step as source that imports only JAX.
source = tf.to_jax_source(train_step, x, y)
namespace = {}
exec(source, namespace)
tf.testing.assert_equivalent((namespace["train_step"], state), (step, state), [(x, y)] * 3, gradients=False)
print("the emitted module agrees with the pure step")
