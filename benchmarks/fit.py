"""`python -m benchmarks.fit`: a step of `fit` with functape, with Keras 3 on JAX and with Keras 3 on TensorFlow.

Each library runs in a process of its own, since Keras chooses its backend once. The processes take turns, and the best
of several rounds counts for each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from typing import Any

import numpy as np

LIBRARIES = ("functape", "keras on jax", "keras on tensorflow")
MODELS = {"32-32-10, batch 64": ((32, 32, 10), 64, 400), "784-512-512-10, batch 128": ((784, 512, 512, 10), 128, 40)}
ROUNDS = 2


def keras_of(library: str) -> Any:
    """Keras's namespace in one library."""
    if library == "functape":
        import functape

        return functape.keras
    os.environ["KERAS_BACKEND"] = library.rsplit(" ", 1)[1]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import keras

    return keras


def seconds_a_step(library: str, widths: tuple[int, ...], batch: int, steps: int) -> float:
    """The best time of a step of `fit`, metrics included, over a few epochs."""
    keras = keras_of(library)
    draw = np.random.RandomState(0)
    x = draw.rand(steps * batch, widths[0]).astype("float32")
    y = draw.randint(0, widths[-1], (steps * batch,)).astype("int32")
    layers = [keras.layers.Dense(width, activation="relu") for width in widths[1:-1]]
    model = keras.Sequential([keras.layers.Input((widths[0],)), *layers, keras.layers.Dense(widths[-1])])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    model.fit(x, y, batch_size=batch, epochs=1, verbose=0)
    times = []
    for _ in range(4):
        began = time.perf_counter()
        model.fit(x, y, batch_size=batch, epochs=1, verbose=0, shuffle=False)
        times.append((time.perf_counter() - began) / steps)
    return min(times)


def compare() -> dict[str, dict[str, float]]:
    """Microseconds a step, by model and library."""
    found: dict[str, dict[str, float]] = {name: {} for name in MODELS}
    for _ in range(ROUNDS):
        for library in LIBRARIES:
            command = [sys.executable, "-m", "benchmarks.fit", library]
            result = subprocess.run(command, check=True, capture_output=True, text=True)
            for name, seconds in json.loads(result.stdout.splitlines()[-1]).items():
                found[name][library] = min(seconds * 1e6, found[name].get(library, float("inf")))
    return found


def main() -> None:
    """Measure one library, if one is named, or compare all."""
    if len(sys.argv) > 1:
        print(json.dumps({name: seconds_a_step(sys.argv[1], *model) for name, model in MODELS.items()}))
        return
    for name, times in compare().items():
        print(name, ", ".join(f"{library} {time:.0f} us" for library, time in times.items()), sep=": ")


if __name__ == "__main__":
    main()
