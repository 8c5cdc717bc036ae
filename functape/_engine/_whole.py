"""Gradients within a recording, without a tape: everything recorded counts."""

from __future__ import annotations

from typing import Any

from functape._engine._gradient import GRADIENTS, WATCH, WHOLE
from functape._engine._gradient_node import NO_TAPE, record_gradient, ref_of, refs_of
from functape._engine._recorder import local


def whole_gradient(
    targets: list[Any],
    sources: list[Any],
    seeds: list[Any],
    zero: bool,
    stopped: list[Any],
    mode: str = GRADIENTS,
) -> list[Any]:
    """Record the gradient of the sum of `targets` with respect to each of `sources`.

    **Arguments:**
    - `targets`, `sources`: tensors or variables of the present recording.
    - `seeds`: for each target a tensor to weight it with, or None; empty for none at all.
    - `zero`: whether an unconnected source gets zeros.
    - `stopped`: tensors that are taken as constants.
    - `mode`: what to record instead, as for a tape.

    **Returns:** a tensor, or None where unconnected, for each source.
    """
    recorder = local.recorder
    home = recorder.outputs
    given = tuple(seed is not None for seed in seeds)
    for each in (*targets, *sources):
        # What is asked about is part of the recording, whether or not anything was computed from it.
        if ref_of(recorder, each).__class__ is not int:
            _enter(recorder, each)
    request = (
        WHOLE,
        zero,
        tuple(ref_of(recorder, each) for each in targets),
        given,
        tuple(refs_of(recorder, sources)),
        mode,
        tuple(ref_of(recorder, each) for each in stopped),
    )
    entering = tuple(seed.slot if seed.home is home else seed.enter(recorder) for seed in seeds if seed is not None)
    return record_gradient(recorder, request, entering)


def _enter(recorder: Any, value: Any) -> None:
    recorder.event(WATCH, (NO_TAPE,), (value.enter(recorder),), value.aval)
