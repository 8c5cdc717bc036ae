import numpy as np
import tensorflow as tf


class ActorCritic(tf.keras.Model):
    def __init__(self, num_actions, num_hidden_units):
        super().__init__()
        self.common = tf.keras.layers.Dense(num_hidden_units, activation="relu")
        self.actor = tf.keras.layers.Dense(num_actions)
        self.critic = tf.keras.layers.Dense(1)

    def call(self, inputs):
        x = self.common(inputs)
        return self.actor(x), self.critic(x)


model = ActorCritic(2, 16)
huber_loss = tf.keras.losses.Huber(reduction="sum")
optimizer = tf.keras.optimizers.Adam(learning_rate=0.01)


def get_expected_return(rewards, gamma=0.99):
    n = tf.shape(rewards)[0]
    returns = tf.TensorArray(dtype=tf.float32, size=n)
    rewards = tf.cast(rewards[::-1], dtype=tf.float32)
    discounted_sum = tf.constant(0.0)
    shape = discounted_sum.shape
    for i in tf.range(n):
        discounted_sum = rewards[i] + gamma * discounted_sum
        discounted_sum.set_shape(shape)
        returns = returns.write(i, discounted_sum)
    returns = returns.stack()[::-1]
    return (returns - tf.math.reduce_mean(returns)) / (tf.math.reduce_std(returns) + 1e-8)


@tf.function
def train_step(states, actions, rewards):
    with tf.GradientTape() as tape:
        logits, values = model(states)
        probs = tf.nn.softmax(logits)
        action_probs = tf.gather(probs, actions, axis=1, batch_dims=1)
        returns = get_expected_return(rewards)
        advantage = returns - tf.squeeze(values)
        actor_loss = -tf.math.reduce_sum(tf.math.log(action_probs) * advantage)
        critic_loss = huber_loss(tf.squeeze(values), returns)
        loss = actor_loss + critic_loss
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables, strict=True))
    return loss


for _ in range(2):
    train_step(
        tf.constant(np.random.rand(5, 4).astype("float32")),
        tf.constant([0, 1, 1, 0, 1]),
        tf.constant(np.ones(5, "float32")),
    )
