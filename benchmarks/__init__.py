"""Speed, side by side: the same workloads under functape, hand-written JAX and TensorFlow."""
