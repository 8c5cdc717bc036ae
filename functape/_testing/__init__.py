"""Behind `tf.test`."""
