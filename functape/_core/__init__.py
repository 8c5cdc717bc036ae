"""Tensors, variables and the values around them, under TensorFlow's names."""
