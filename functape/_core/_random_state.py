"""The random state of an op: from Python where code runs at once, a state that programs carry on where it is traced."""

from __future__ import annotations

import weakref
from collections.abc import Hashable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from functape._core._convert import from_numpy
from functape._engine._avals import Kind, aval
from functape._engine._compat import enable_x64, wide
from functape._engine._dtypes import uint32
from functape._engine._op import Op
from functape._engine._recorder import Cell, local, new_tensor, record
from functape._seeds import TraceSeeds, blocks_used, philox_words, seed_words, seeds


@wide
def _advance(words: Any, blocks: Any) -> Any:
    low = words[2].astype(jnp.uint64) | words[3].astype(jnp.uint64) << jnp.asarray(32, jnp.uint64)
    moved = low + jnp.asarray(blocks, jnp.uint64)
    carried = (moved < low).astype(jnp.uint32)
    fourth = words[4] + carried
    fifth = words[5] + ((fourth == 0) & (carried == 1)).astype(jnp.uint32)
    parts = [words[0], words[1], moved.astype(jnp.uint32), (moved >> jnp.asarray(32, jnp.uint64)).astype(jnp.uint32)]
    return jnp.stack([*parts, fourth, fifth])


ADVANCE = Op("RandomAdvance", _advance, ("blocks",), differentiable=False)
"""`(words)`: the random state after so many blocks."""


class RandomState(Cell):
    """The state of one random op of a traced function: each run of the op takes it further.

    **Arguments:**
    - `pair`: the op's seeds.
    """

    __slots__ = ("_epoch", "_held", "_pair", "weak")

    def __init__(self, pair: Any) -> None:
        self._pair = pair
        self.weak = weakref.ref(self)
        self._epoch: Any = None
        self._held: Any = None

    @property
    def tensor(self) -> Any:  # type: ignore[override]
        """The present state; the first again after `tf.random.set_seed`."""
        if self._epoch is not seeds.epoch and self._pair[0] is not None or self._held is None:
            self._epoch = seeds.epoch
            tensor = new_tensor()
            tensor.home = None
            tensor.aval = aval((6,), uint32)
            with enable_x64(True):
                tensor.value = jax.device_put(np.array(philox_words(self._pair)))
            tensor.variable = self.weak
            self._held = tensor
        return self._held

    @tensor.setter
    def tensor(self, tensor: Any) -> None:
        self._held = tensor

    def first(self) -> Any:
        """The words of the first state; of a state of its own each time for ops without a seed."""
        return np.array(philox_words(self._pair))

    def receive(self, tensor: Any) -> None:
        """Take the state that a program left."""
        recorder = local.recorder
        if recorder.tracing:
            recorder.note_write(self, self.tensor)
        tensor.variable = self.weak
        self._held = tensor


def random_words(op_kind: Hashable, samples: int, op_seed: Any = None, seeded: bool = True) -> Any:
    """Key and counter for the next random op, as a tensor of six words.

    **Arguments:**
    - `op_kind`, `samples`, `op_seed`: as for `seed_words`.
    - `seeded`: False for an op whose numbers no seed decides, not even the global one.
    """
    recorder: Any = local.recorder
    if not recorder.tracing:
        return from_numpy(seed_words(op_kind, samples, op_seed) if seeded else philox_words((None, None)))
    # As in TensorFlow, each loop's and branch's body numbers its ops for itself.
    trace_seeds = recorder.own_memory.get("seeds")
    if trace_seeds is None:
        trace_seeds = recorder.own_memory["seeds"] = TraceSeeds(seeds.global_seed)
    state = RandomState(trace_seeds.next_op_seed(op_seed) if seeded else (None, None))
    recorder.memory.setdefault("random", []).append(state)
    words = record(_READ, (), (state.tensor,))
    state.receive(record(ADVANCE, (blocks_used(op_kind, samples),), (words,)))
    return words


_READ = Op("RandomRead", lambda words: words, differentiable=False, kinds=lambda: (Kind.ARRAY,))
"""`(words)`: the random state of one run."""
