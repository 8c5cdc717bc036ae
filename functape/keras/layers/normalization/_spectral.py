"""`tf.keras.layers.SpectralNormalization`."""

from __future__ import annotations

from typing import Any

from functape._api._choosing import where
from functape._api._elementwise import equal
from functape._api._joining import stop_gradient
from functape._api._matrix import matmul
from functape._api._nn import l2_normalize
from functape._api._reductions import reduce_all
from functape._api._shaping import reshape
from functape._core._cast import cast
from functape.keras import initializers
from functape.keras.layers._layer_calls import calls
from functape.keras.layers.core._wrapper import Wrapper


class SpectralNormalization(Wrapper):
    """A layer whose kernel is kept at a largest singular value of one (`tf.keras.layers.SpectralNormalization`).

    Miyato et al., 2018.

    **Arguments:**
    - `layer`: a layer with a `kernel` or `embeddings`.
    - `power_iterations`: how often the estimate of the singular vectors is improved at each call in training.

    **Raises:** `ValueError` for a layer without either, or less than one iteration.

    ```python
    >>> import functape as tf
    >>> layer = tf.keras.layers.SpectralNormalization(tf.keras.layers.Dense(1, kernel_initializer="ones"))
    >>> print(layer(tf.ones((1, 4)), training=True).numpy().round(4), layer.kernel.numpy().ravel().round(4))
    [[2.]] [0.5 0.5 0.5 0.5]

    ```
    """

    def __init__(self, layer: Any, power_iterations: int = 1, **kwargs: Any) -> None:
        super().__init__(layer, **kwargs)
        if power_iterations <= 0:
            raise ValueError(
                f"`power_iterations` should be greater than zero. Received: `power_iterations={power_iterations}`"
            )
        self.power_iterations = power_iterations

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside, and make `vector_u`."""
        super().build(input_shape)
        kernel = getattr(self.layer, "kernel", None)
        if kernel is None:
            kernel = getattr(self.layer, "embeddings", None)
        if kernel is None:
            raise ValueError(f"{type(self.layer).__name__} object has no attribute 'kernel' nor 'embeddings'")
        # Keras counts the kernel as this layer's own too, before `vector_u`.
        self._own.append(kernel)
        self.kernel = kernel
        self.vector_u = self.add_weight(
            name="vector_u",
            shape=(1, kernel.shape[-1]),
            initializer=initializers.TruncatedNormal(stddev=0.02),
            trainable=False,
            dtype=kernel.dtype,
        )

    def call(self, inputs: Any, training: Any = False) -> Any:
        """The outputs of the layer inside."""
        if training and not calls.abstract:
            vector, kernel = self.normalized_weights()
            zeros = reduce_all(equal(self.kernel, 0.0))
            vector, kernel = where(zeros, self.vector_u, vector), where(zeros, self.kernel, kernel)
            self.vector_u.assign(vector)
            self.kernel.assign(kernel)
        return cast(self.layer(inputs), inputs.aval.dtype) if inputs.aval.dtype.is_floating else self.layer(inputs)

    def normalized_weights(self) -> tuple[Any, Any]:
        """The next `vector_u`, and the kernel over its largest singular value."""
        kernel = self.kernel
        matrix = reshape(kernel, [-1, kernel.shape[-1]])
        left = self.vector_u
        right: Any = None
        for _ in range(self.power_iterations):
            right = l2_normalize(matmul(left, matrix, transpose_b=True))
            left = l2_normalize(matmul(right, matrix))
        left, right = stop_gradient(left), stop_gradient(right)
        largest = matmul(matmul(right, matrix), left, transpose_b=True)
        return left, reshape(matrix / largest, tuple(kernel.shape))

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments."""
        return {**super().get_config(), "power_iterations": self.power_iterations}
