"""The methods by which a model is stored."""

from __future__ import annotations

import io
from typing import Any

from functape.keras.layers._layer import Layer


class Saving(Layer):
    """The part of a model that writes it to files."""

    def save(
        self,
        filepath: Any,
        overwrite: bool = True,
        zipped: bool | None = None,
        include_optimizer: bool = True,
        save_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Store architecture, weights, and what the model is trained with (`tf.keras.Model.save`).

        **Arguments:**
        - `filepath`: a path that ends in `.keras`, for Keras 3's format, or in `.h5`, for Keras 2's.
        - `overwrite`, `zipped`, `include_optimizer`, `save_format`, `kwargs`: as for `tf.keras.models.save_model`.

        **Raises:** `ValueError` as `tf.keras.models.save_model`.
        """
        from functape.keras.saving import _api

        _api.save_model(self, filepath, overwrite, zipped, include_optimizer, save_format, **kwargs)

    def save_weights(self, filepath: Any, overwrite: bool = True, max_shard_size: Any = None, **kwargs: Any) -> None:
        """Store the weights (`tf.keras.Model.save_weights`).

        **Arguments:**
        - `filepath`: a path that ends in `.weights.h5`, for Keras 3's layout, or otherwise in `.h5`, for Keras 2's.
        - `overwrite`: whether to overwrite a file without asking at the terminal.
        - `max_shard_size`: None: one file holds everything.
        - `kwargs`: `save_format`, `options` and `objects_to_skip`, as for `tf.keras.saving.save_weights`.

        **Raises:** `ValueError` as `tf.keras.saving.save_weights`.

        ```python
        >>> import functape as tf, os, tempfile
        >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        >>> path = os.path.join(tempfile.mkdtemp(), "model.weights.h5")
        >>> model.save_weights(path)
        >>> other = tf.keras.models.clone_model(model)
        >>> other.load_weights(path)
        >>> bool((other.get_weights()[0] == model.get_weights()[0]).all())
        True

        ```
        """
        from functape.keras.saving import _api

        _api.save_weights(self, filepath, overwrite, max_shard_size, **kwargs)

    def load_weights(
        self, filepath: Any, skip_mismatch: bool = False, by_name: bool | None = None, **kwargs: Any
    ) -> None:
        """Take the weights from a file, of Keras 2's or Keras 3's making (`tf.keras.Model.load_weights`).

        **Arguments:**
        - `filepath`: a `.weights.h5`, `.h5` or `.keras` file.
        - `skip_mismatch`: whether to leave what does not fit as it is, with a warning.
        - `by_name`: whether to load into layers of the same names instead of in their order, from a file of Keras 2's
          layout.
        - `kwargs`: `options` and `objects_to_skip`, as for `tf.keras.saving.load_weights`.

        **Raises:** `ValueError` as `tf.keras.saving.load_weights`.
        """
        from functape.keras.saving import _api

        _api.load_weights(self, filepath, skip_mismatch, by_name, **kwargs)

    def export(
        self,
        filepath: Any,
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
        **kwargs: Any,
    ) -> None:
        """Store what the model computes, and its variables, as a program that runs without its Python code
        (`tf.keras.Model.export`).

        The folder is that of `tf.saved_model.save`: StableHLO for CPU, GPU and TPU, which `tf.saved_model.load` loads
        as an object with `serve`, `signatures` and variables. It is not TensorFlow's SavedModel.

        **Arguments:**
        - `filepath`: the folder.
        - `format`: `"tf_saved_model"`, the name that Keras has for such folders.
        - `verbose`: False to print nothing.
        - `input_signature`: a list of `tf.TensorSpec`s, one an input; by default what the model was made or called
          with, for batches of any size.

        **Raises:** `ValueError` for another format, or a model whose inputs are not known.

        ```python
        >>> import functape as tf, tempfile
        >>> model = tf.keras.Sequential([tf.keras.Input((3,)), tf.keras.layers.Dense(2)])
        >>> folder = tempfile.mkdtemp()
        >>> model.export(folder, verbose=False)
        >>> tf.saved_model.load(folder).serve(tf.ones((5, 3))).shape
        TensorShape([5, 2])

        ```
        """
        from functape.saved_model._keras import export_model

        export_model(self, filepath, format, verbose, input_signature, kwargs)

    def __reduce__(self) -> Any:
        from functape.keras.saving import _api

        if not self.built:
            return super().__reduce__()
        buffer = io.BytesIO()
        _api.save_model(self, buffer)
        return _load_bytes, (buffer.getvalue(),)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        function, arguments = self.__reduce__()[:2]
        new = memo[id(self)] = function(*arguments)
        return new


def _load_bytes(data: bytes) -> Any:
    from functape.keras.saving import _api

    return _api.load_model(io.BytesIO(data), safe_mode=False)
