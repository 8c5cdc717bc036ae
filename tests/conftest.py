"""Settings every test shares; they must be in place before TensorFlow, the judge, is imported."""

from __future__ import annotations

import os

import pytest

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
# TensorFlow's plain kernels, whose sums do not depend on which processor runs them.
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

_NOT_OURS = ("tensorflow", "keras", "tf_keras", "google", "flatbuffers", "astunparse", "gast")


def pytest_configure(config: pytest.Config) -> None:
    """Warnings are errors here, but not those that TensorFlow's own modules cause."""
    for module in _NOT_OURS:
        config.addinivalue_line("filterwarnings", rf"ignore:::{module}(\..*)?$")
    # Keras reads folders of pictures with pools of threads that it does not close; functape has none such.
    config.addinivalue_line(
        "filterwarnings",
        r"ignore:.* <function Pool\.__del__:pytest.PytestUnraisableExceptionWarning",
    )


@pytest.fixture(autouse=True)
def nothing_pending() -> None:
    """Each test begins with an empty recording, so that what it compiles does not depend on the test before it."""
    from functape._engine._recorder import local

    local.recorder.flush("a test begins")


@pytest.fixture(autouse=True)
def names_begin_anew() -> None:
    """Each test names its layers from the beginning: `dense`, not `dense_17`, whatever ran in the process before."""
    import functape as tf

    tf.keras.backend.clear_session(free_memory=False)
