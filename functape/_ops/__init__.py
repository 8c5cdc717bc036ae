"""Rows of the ops, by family: pure JAX functions with TensorFlow's conventions."""
