"""Images turned over and round."""

from __future__ import annotations

from typing import Any

from functape._api._choosing import where
from functape._api._elementwise import floormod, greater_equal, less, round
from functape._api._random import uniform
from functape._api._shaping import reshape, reverse
from functape._api._shaping import transpose as permute
from functape._api._stateless_random import stateless_uniform
from functape._api._static import as_int
from functape._core._convert import convert
from functape._core._known import host_array
from functape._engine._dtypes import int32
from functape._engine._recorder import record
from functape._ops._image_turning import TURN
from functape.image._arguments import one_or_many


def flip_left_right(image: Any) -> Any:
    """Images with the left and the right exchanged (`tf.image.flip_left_right`).

    **Arguments:**
    - `image`: `[height, width, channels]` or `[batch, height, width, channels]`.

    **Raises:** `ValueError` for another rank.

    ```python
    >>> import functape as tf
    >>> tf.image.flip_left_right(tf.constant([[[1], [2]]])).numpy().ravel()
    array([2, 1], dtype=int32)

    ```
    """
    return reverse(one_or_many(image), [-2])


def flip_up_down(image: Any) -> Any:
    """Images upside down (`tf.image.flip_up_down`); otherwise as `flip_left_right`.

    ```python
    >>> import functape as tf
    >>> tf.image.flip_up_down(tf.constant([[[1]], [[2]]])).numpy().ravel()
    array([2, 1], dtype=int32)

    ```
    """
    return reverse(one_or_many(image), [-3])


def _flipped_at_random(image: Any, axis: int, draw: Any) -> Any:
    given = one_or_many(image)
    if given.aval.ndim == 3:
        flips = less(draw([]), 0.5)
    else:
        flips = reshape(greater_equal(round(draw([given.aval.shape[0]])), 1.0), [-1, 1, 1, 1])
    return where(flips, reverse(given, [axis]), given)


def random_flip_left_right(image: Any, seed: Any = None) -> Any:
    """Each image as it is or flipped, as likely (`tf.image.random_flip_left_right`).

    **Arguments:**
    - `image`: `[height, width, channels]` or `[batch, height, width, channels]`.
    - `seed`: the op's own seed; see `tf.random.set_seed`.

    **Raises:** `ValueError` for another rank.

    ```python
    >>> import functape as tf
    >>> tf.image.random_flip_left_right(tf.ones([2, 4, 3])).shape
    TensorShape([2, 4, 3])

    ```
    """
    return _flipped_at_random(image, -2, lambda shape: uniform(shape, seed=seed))


def random_flip_up_down(image: Any, seed: Any = None) -> Any:
    """Each image as it is or upside down, as likely (`tf.image.random_flip_up_down`).

    The arguments are as for `random_flip_left_right`.

    ```python
    >>> import functape as tf
    >>> tf.image.random_flip_up_down(tf.ones([2, 4, 3])).shape
    TensorShape([2, 4, 3])

    ```
    """
    return _flipped_at_random(image, -3, lambda shape: uniform(shape, seed=seed))


def stateless_random_flip_left_right(image: Any, seed: Any) -> Any:
    """`random_flip_left_right` that depends on nothing but a seed (`tf.image.stateless_random_flip_left_right`).

    **Arguments:**
    - `image`: as for `random_flip_left_right`.
    - `seed`: two integers.

    ```python
    >>> import functape as tf
    >>> tf.image.stateless_random_flip_left_right(tf.ones([2, 4, 3]), seed=[1, 2]).shape
    TensorShape([2, 4, 3])

    ```
    """
    return _flipped_at_random(image, -2, lambda shape: stateless_uniform(shape, seed))


def stateless_random_flip_up_down(image: Any, seed: Any) -> Any:
    """`random_flip_up_down` that depends on nothing but a seed (`tf.image.stateless_random_flip_up_down`).

    The arguments are as for `stateless_random_flip_left_right`.

    ```python
    >>> import functape as tf
    >>> tf.image.stateless_random_flip_up_down(tf.ones([2, 4, 3]), seed=[1, 2]).shape
    TensorShape([2, 4, 3])

    ```
    """
    return _flipped_at_random(image, -3, lambda shape: stateless_uniform(shape, seed))


def rot90(image: Any, k: Any = 1, name: str | None = None) -> Any:
    """Images turned by right angles, anticlockwise (`tf.image.rot90`).

    **Arguments:**
    - `image`: `[height, width, channels]` or `[batch, height, width, channels]`.
    - `k`: how many right angles, a scalar integer. For square images it may change from step to step; it decides the
      shape of others.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `ValueError` for another rank.

    ```python
    >>> import functape as tf
    >>> tf.image.rot90(tf.constant([[[1], [2]], [[3], [4]]])).numpy()[..., 0]
    array([[2, 4],
           [1, 3]], dtype=int32)

    ```
    """
    given = one_or_many(image)
    turns = convert(k, int32)
    if turns.aval.shape:
        raise ValueError(f"k must be a scalar. Received shape {turns.aval.shape}")
    height, width = given.aval.shape[-3:-1]
    if host_array(turns) is None and height == width:
        return record(TURN, (), (given, floormod(turns, 4)))
    number = as_int(turns, "k") % 4
    if number == 2:
        return reverse(given, [-3, -2])
    if number == 1:
        return transpose(reverse(given, [-2]))
    return reverse(transpose(given), [-2]) if number else convert(given)


def transpose(image: Any, name: str | None = None) -> Any:
    """Images with rows and columns exchanged (`tf.image.transpose`).

    **Arguments:**
    - `image`: `[height, width, channels]` or `[batch, height, width, channels]`.
    - `name`: accepted for compatibility; ops have no names here.

    **Raises:** `ValueError` for another rank.

    ```python
    >>> import functape as tf
    >>> tf.image.transpose(tf.ones([2, 4, 3])).shape
    TensorShape([4, 2, 3])

    ```
    """
    given = one_or_many(image)
    return permute(given, [1, 0, 2] if given.aval.ndim == 3 else [0, 2, 1, 3])
