"""The classifiers that all take the same arguments, one table entry each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_DOCUMENTATION = """The {called} classifier (`tf.keras.applications.{called}`).

**Arguments:**
- `include_top`: whether to have the dense layers at the end.
- `weights`: None for random ones, a path to a file of weights, or `"imagenet"` for those in Keras's cache.
- `input_tensor`: a symbolic tensor to begin with.
- `input_shape`: the shape of an image; (224, 224, 3) by default, with `include_top`.
- `pooling`: without `include_top`, `"avg"` or `"max"` for one feature a channel; None for feature maps.
- `classes`: the number of classes.
- `classifier_activation`: of the last layer; None for logits.
- `name`: the model's name.

**Raises:** `ValueError` for arguments that do not go together; `FileNotFoundError` that says which file to put
where, if the weights of ImageNet are not in the cache and cannot be fetched.
"""
_EXAMPLE = """
```python
>>> import functape as tf
>>> model = tf.keras.applications.{called}(weights=None, include_top=False, input_shape=(32, 32, 3))
>>> model.output_shape, model.count_params()
{printed}

```
"""


def classifier(called: str, module: str, build: Callable[..., Any], printed: str = "") -> Any:
    """The public function of a classifier.

    **Arguments:**
    - `called`: its name; in small letters that of its models and of its files of weights.
    - `module`: where it belongs.
    - `build`: given the name of the files and all the arguments, makes the model.
    - `printed`: shape and number of parameters, for an example.
    """
    usual = called.lower()

    def made(
        include_top: bool = True,
        weights: Any = "imagenet",
        input_tensor: Any = None,
        input_shape: Any = None,
        pooling: str | None = None,
        classes: int = 1000,
        classifier_activation: Any = "softmax",
        name: str = usual,
    ) -> Any:
        return build(
            usual, include_top, weights, input_tensor, input_shape, pooling, classes, classifier_activation, name
        )

    made.__name__ = made.__qualname__ = called
    made.__module__ = module
    made.__doc__ = (_DOCUMENTATION + (_EXAMPLE if printed else "")).format(called=called, printed=printed)
    return made
