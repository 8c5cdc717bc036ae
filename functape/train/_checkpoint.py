"""`tf.train.Checkpoint`."""

from __future__ import annotations

import os
from typing import Any

from functape._core._deferred import await_parts, has_new_parts, waiting
from functape._core._variable import Variable
from functape._engine._errors import NotFoundError
from functape.train import _format
from functape.train._objects import children, is_trackable
from functape.train._reader import CheckpointReader
from functape.train._restoring import Restoration
from functape.train._saving import described
from functape.train._state import CheckpointState, write_state
from functape.train._status import CheckpointLoadStatus, InitializationOnlyStatus


class Checkpoint:
    """A group of objects whose variables are saved and restored together (`tf.train.Checkpoint`).

    Variables are found through attributes, lists and dicts, by the names that lead to them. A checkpoint is written
    whole or not at all. What is restored before its variables exist is given to them when they are made.

    **Arguments:**
    - `root`: an object whose parts are saved as if they were the checkpoint's own.
    - `kwargs`: objects to save, by name: variables, modules, layers, models, optimizers, iterators of datasets, lists
      and dicts of them.

    **Raises:** `ValueError` for an object that cannot be saved.

    ```python
    >>> import os, tempfile, functape as tf
    >>> step = tf.Variable(3)
    >>> checkpoint = tf.train.Checkpoint(step=step)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = checkpoint.save(os.path.join(folder, "ckpt"))
    ...     _ = step.assign(0)
    ...     _ = checkpoint.restore(path)
    >>> os.path.basename(path), step.numpy()
    ('ckpt-1', np.int32(3))

    ```
    """

    _root: Any
    _save_counter: Any

    def __init__(self, root: Any = None, **kwargs: Any) -> None:
        self.__dict__["_root"] = root
        self.__dict__["_save_counter"] = None
        if root is not None and not is_trackable(root):
            raise ValueError(f"Expected root to be a trackable object, got {root!r}.")
        taken = {} if root is None else children(root)
        for name, value in sorted(kwargs.items()):
            if not is_trackable(value):
                raise ValueError(
                    f"`Checkpoint` was expecting {name} to be a trackable object (a variable, a module, an optimizer, "
                    f"or a list or dict of them), got {value!r}. Keep it in a tf.Variable."
                )
            if taken.get(name, value) is not value:
                raise ValueError(
                    f"Cannot create a Checkpoint with keyword argument {name} if root.{name} already exists."
                )
            setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)
        if waiting:
            has_new_parts(self)

    def _checkpoint_children(self) -> dict[str, Any]:
        """What is saved, by name."""
        parts = {} if self._root is None else children(self._root)
        for name, value in vars(self).items():
            if name not in ("_root", "_save_counter") and is_trackable(value):
                parts.setdefault(name, value)
        if self._save_counter is not None:
            parts["save_counter"] = self._save_counter
        return parts

    def _counter(self) -> Variable:
        if self._save_counter is None:
            from functape.function import init_scope

            with init_scope():
                counter = Variable(0, name="save_counter", dtype="int64", trainable=False)
            self._save_counter = counter
        return self._save_counter  # type: ignore[no-any-return]

    @property
    def save_counter(self) -> Variable:
        """How many times it was saved: an int64 variable, which is saved and restored with the rest."""
        return self._counter()

    # ---- writing ---------------------------------------------------------------------------------------------

    def write(self, file_prefix: Any, options: Any = None) -> str:
        """Write a checkpoint under a path, without counting it.

        **Arguments:**
        - `file_prefix`: the path. What was there before is replaced once the new checkpoint is complete.
        - `options`: a `tf.train.CheckpointOptions`.

        **Returns:** the path.
        """
        path = os.fspath(file_prefix)
        if self._root is not None and waiting:
            has_new_parts(self._root)
        nodes, values = described(self)
        _format.write(path, nodes, values)
        for callback in getattr(options, "experimental_write_callbacks", None) or ():
            callback(path) if callback.__code__.co_argcount else callback()
        return path

    def save(self, file_prefix: Any, options: Any = None) -> str:
        """Write a checkpoint under a path with the number of the save, and note it as the directory's latest.

        **Arguments:**
        - `file_prefix`: what the path begins with; `-1`, `-2` and so on follow.
        - `options`: a `tf.train.CheckpointOptions`.

        **Returns:** the path.
        """
        counter = self._counter()
        counter.assign_add(1)
        path = f"{os.fspath(file_prefix)}-{int(counter.numpy())}"
        try:
            self.write(path, options)
        except BaseException:
            counter.assign_sub(1)
            raise
        write_state(os.path.dirname(os.path.abspath(path)), CheckpointState(path, [path]))
        return path

    def sync(self) -> None:
        """Wait for saves under way: there are none, each is complete when it returns."""

    # ---- reading ---------------------------------------------------------------------------------------------

    def read(self, save_path: Any, options: Any = None) -> Any:
        """Give the objects the values that `write` wrote.

        **Arguments:**
        - `save_path`: the path.
        - `options`: a `tf.train.CheckpointOptions`.

        **Returns:** a status object, as `restore`.

        **Raises:** `NotFoundError` if there is no checkpoint, `DataLossError` for a damaged one; `ValueError` or
        `InvalidArgumentError` for a value that does not fit its variable.
        """
        reader = CheckpointReader(os.fspath(save_path))
        restoration = Restoration(reader, not getattr(options, "experimental_skip_slot_variables", False))
        restoration.bind(self, 0)
        if self._root is not None and restoration.misses(0):
            # The root's parts are this object's.
            await_parts(self._root, lambda root: restoration.new_parts(root, 0))
        return CheckpointLoadStatus(restoration, self)

    def restore(self, save_path: Any, options: Any = None) -> Any:
        """Give the objects the values that `save` wrote.

        **Arguments:**
        - `save_path`: the path that `save` returned, or `tf.train.latest_checkpoint`; None restores nothing.
        - `options`: a `tf.train.CheckpointOptions`.

        **Returns:** a status object with `assert_consumed()`, `assert_existing_objects_matched()`,
        `assert_nontrivial_match()` and `expect_partial()`.

        **Raises:** as `read`.
        """
        if save_path is None:
            self._counter()
            return InitializationOnlyStatus(self)
        path = os.fspath(save_path)
        try:
            status = self.read(path, options)
        except NotFoundError as error:
            raise NotFoundError(
                message=f"Error when restoring from checkpoint at {path}: {error.message}\nPlease double-check that "
                "the path is correct. You may be missing the checkpoint suffix (e.g. the '-1' in 'path/to/ckpt-1')."
            ) from error
        self._counter()
        return status
