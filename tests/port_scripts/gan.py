import numpy as np
import tensorflow as tf

LATENT = 8
generator = tf.keras.Sequential(
    [
        tf.keras.layers.Dense(16, activation="relu", input_shape=(LATENT,)),
        tf.keras.layers.BatchNormalization(),
        tf.keras.layers.Dense(4, activation="tanh"),
    ]
)
discriminator = tf.keras.Sequential(
    [
        tf.keras.layers.Dense(16, input_shape=(4,)),
        tf.keras.layers.LeakyReLU(0.2),
        tf.keras.layers.Dropout(0.3),
        tf.keras.layers.Dense(1),
    ]
)
cross_entropy = tf.keras.losses.BinaryCrossentropy(from_logits=True)
g_opt, d_opt = tf.keras.optimizers.Adam(1e-4), tf.keras.optimizers.Adam(1e-4)


@tf.function
def train_step(images):
    noise = tf.random.normal([images.shape[0], LATENT])
    with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
        generated = generator(noise, training=True)
        real_output = discriminator(images, training=True)
        fake_output = discriminator(generated, training=True)
        gen_loss = cross_entropy(tf.ones_like(fake_output), fake_output)
        disc_loss = cross_entropy(tf.ones_like(real_output), real_output) + cross_entropy(
            tf.zeros_like(fake_output), fake_output
        )
    gen_grads = gen_tape.gradient(gen_loss, generator.trainable_variables)
    disc_grads = disc_tape.gradient(disc_loss, discriminator.trainable_variables)
    g_opt.apply_gradients(zip(gen_grads, generator.trainable_variables, strict=True))
    d_opt.apply_gradients(zip(disc_grads, discriminator.trainable_variables, strict=True))
    return gen_loss, disc_loss


for _ in range(2):
    train_step(tf.constant(np.random.rand(8, 4).astype("float32")))
