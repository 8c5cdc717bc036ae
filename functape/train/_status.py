"""What became of a restore, as `Checkpoint.restore` and `read` return it."""

from __future__ import annotations

from typing import Any

from functape.train._objects import graph, has_value, slots
from functape.train._restoring import Restoration

_SHOWN = 10


class CheckpointLoadStatus:
    """What became of a restore.

    **Arguments:**
    - `restoration`: the restore.
    - `root`: the object that was restored.
    """

    def __init__(self, restoration: Restoration, root: Any) -> None:
        self._restoration = restoration
        self._root = root

    def assert_consumed(self) -> CheckpointLoadStatus:
        """Check that everything saved was given to an object, and that every object with a value got one.

        **Raises:** `AssertionError` that names the first saved value without an object, or the objects.
        """
        self._restoration.look_again()
        left = self._restoration.left()
        if left:
            place = left[0].split("/.ATTRIBUTES")[0].replace("/", ".")
            shown = ", ".join(repr(key) for key in left[:_SHOWN])
            raise AssertionError(
                f"Unresolved object in checkpoint (root).{place}: {len(left)} saved values have no object in the "
                f"program: {shown}{', ...' if len(left) > _SHOWN else ''}. If that is as it should be, use "
                f"`expect_partial()` or `assert_existing_objects_matched()`."
            )
        return self._all_bound()

    def assert_existing_objects_matched(self) -> CheckpointLoadStatus:
        """Check that every object with a value got one; values without an object are no error.

        **Raises:** `AssertionError` that names the objects that did not.
        """
        self._restoration.look_again()
        return self._all_bound()

    def _all_bound(self) -> CheckpointLoadStatus:
        restoration = self._restoration
        found = graph(self._root)
        missing = [each.value for each in found if has_value(each.value) and not self._is_bound(each.value)]
        known = {id(each.value) for each in found}
        for each in found:
            if restoration.number_of(each.value) is not None:
                missing += [
                    slot.value
                    for slot in slots(each.value)
                    if id(slot.variable) in known and id(slot.value) not in restoration.slotted
                ]
        if missing:
            raise AssertionError(
                f"Found {len(missing)} Python objects that were not bound to checkpointed values, likely due to "
                f"changes in the Python program. Showing {min(len(missing), _SHOWN)} of {len(missing)} unmatched "
                f"objects: {missing[:_SHOWN]}"
            )
        return self

    def _is_bound(self, value: Any) -> bool:
        number = self._restoration.number_of(value)
        return number is not None and all(
            key in self._restoration.given for key in self._restoration.nodes[number].get("values", {}).values()
        )

    def assert_nontrivial_match(self) -> CheckpointLoadStatus:
        """Check that something besides the root was found.

        **Raises:** `AssertionError` if nothing was.
        """
        self._restoration.look_again()
        if len(self._restoration.found()) <= 1 and len(graph(self._root)) > 1:
            raise AssertionError(
                f"Nothing except the root object matched a checkpointed value. Typically this means that the "
                f"checkpoint does not match the Python program. The program has: "
                f"{[each.value for each in graph(self._root)[1:_SHOWN]]}"
            )
        return self

    def expect_partial(self) -> CheckpointLoadStatus:
        """Say that values may be left over."""
        return self

    def run_restore_ops(self, session: Any = None) -> None:
        """Nothing is left to run."""

    def initialize_or_restore(self, session: Any = None) -> None:
        """Nothing is left to run: variables have a value from the start."""


class InitializationOnlyStatus:
    """What `restore(None)` returns: nothing was restored.

    **Arguments:**
    - `root`: the object that was not restored.
    """

    def __init__(self, root: Any) -> None:
        self._root = root

    def _fail(self) -> Any:
        raise AssertionError("No checkpoint specified (save_path=None); nothing is being restored.")

    def assert_consumed(self) -> Any:
        """Not so.

        **Raises:** `AssertionError`.
        """
        return self._fail()

    def assert_existing_objects_matched(self) -> Any:
        """Not so.

        **Raises:** `AssertionError`.
        """
        return self._fail()

    def assert_nontrivial_match(self) -> Any:
        """Not so.

        **Raises:** `AssertionError`.
        """
        return self._fail()

    def expect_partial(self) -> InitializationOnlyStatus:
        """Say that values may be left over."""
        return self

    def run_restore_ops(self, session: Any = None) -> Any:
        """There is nothing to restore.

        **Raises:** `AssertionError`.
        """
        return self._fail()

    def initialize_or_restore(self, session: Any = None) -> None:
        """Nothing is left to run: variables have a value from the start."""
