"""The recorder. Everything a program does with tensors is recorded here as a pure program over arrays.

Knows no TensorFlow names beyond dtypes and error types; imports only jax and NumPy.
"""
