"""Public functions by family; the public modules (`math.py`, `nn.py`, ...) list them under TensorFlow's names."""
