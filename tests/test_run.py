"""`functape run` and `functape.install()`: scripts, the forms of import, what is missing."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: pathlib.Path) -> Run:
    """Run a program with `functape run` in a folder of its own."""

    def run(program: str, *arguments: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        folder = tmp_path / "program"
        folder.mkdir(exist_ok=True)
        (folder / "main.py").write_text(textwrap.dedent(program), encoding="utf-8")
        command = [sys.executable, "-m", "functape", "run", *options, "program/main.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def python(program: str, folder: pathlib.Path) -> subprocess.CompletedProcess[str]:
    """Run a program with Python itself; modules in `folder` are found first."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), *filter(None, sys.path)])}
    command = [sys.executable, "-c", textwrap.dedent(program)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


# ---- scripts ---------------------------------------------------------------------------------------------------------


def test_a_script_is_the_main_program(run: Run, tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "beside.py").write_text("value = 42\n")
    done = run(
        """
        import os, sys
        import beside
        import tensorflow as tf

        print(__name__, sys.argv, sys.modules["__main__"].beside.value, os.path.isabs(__file__))
        print(sys.path[0] == os.path.dirname(__file__), tf.__version__.startswith("2"))
        """,
        "--epochs",
        "3",
        "--output",
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "__main__ ['program/main.py', '--epochs', '3', '--output'] 42 True",
        "True True",
    ]
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("ending", "status", "printed"),
    [
        ("pass", 0, ""),
        ("sys.exit()", 0, ""),
        ("sys.exit(7)", 7, ""),
        ("sys.exit('stopped')", 1, "stopped\n"),
        ("os._exit(5)", 5, ""),
    ],
)
def test_exit_status(run: Run, ending: str, status: int, printed: str) -> None:
    done = run(f"import os, sys\nimport tensorflow\n{ending}\n")
    assert (done.returncode, done.stderr) == (status, printed)


FAILING = """
import tensorflow as tf

def step(x):
    return tf.reduce_summ(x)

try:
    step(1.0)
except AttributeError as error:
    raise ValueError("wrapped") from error
"""


def test_a_traceback_shows_the_programs_lines_only(run: Run) -> None:
    done = run(FAILING)
    assert done.returncode == 1
    files = [line for line in done.stderr.splitlines() if line.startswith("  File ")]
    assert [line.rpartition(", ")[2] for line in files] == ["in <module>", "in step", "in <module>"]
    assert all("main.py" in line for line in files)
    assert "AttributeError: tf.reduce_summ" in done.stderr
    assert done.stderr.endswith("ValueError: wrapped\n")


def test_a_full_traceback_shows_all_lines(run: Run) -> None:
    done = run(FAILING, options=("--full-traceback",))
    assert done.returncode == 1
    assert "_namespace.py" in done.stderr


def test_a_syntax_error_is_shown_as_python_shows_it(run: Run) -> None:
    done = run("import tensorflow\nx = (\n")
    assert done.returncode == 1
    assert "main.py" in done.stderr and "SyntaxError: '(' was never closed" in done.stderr
    assert "_script.py" not in done.stderr


def test_an_interrupted_script(tmp_path: pathlib.Path) -> None:
    script = tmp_path / "waits.py"
    script.write_text("import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    # Where the tests themselves run in the background, the signal is ignored, and would be by what they start.
    begin = "import signal, sys, runpy; signal.signal(signal.SIGINT, signal.default_int_handler); "
    begin += "sys.argv = sys.argv[1:]; runpy.run_module('functape', run_name='__main__', alter_sys=True)"
    command = [sys.executable, "-c", begin, "functape", "run", str(script)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
    assert process.returncode == 130 and time.monotonic() - began < 30
    assert errors.endswith("KeyboardInterrupt\n") and "_script.py" not in errors


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run"], "FILE"),
        (["run", "nowhere.py"], "no file 'nowhere.py'"),
        (["run", "--timeout", "3", "here.py"], "--timeout is for notebooks"),
        (["run", "here.ipynb", "3"], "a notebook takes no arguments"),
        (["walk"], "invalid choice"),
    ],
)
def test_a_wrong_command_line(tmp_path: pathlib.Path, arguments: list[str], says: str) -> None:
    for name in ("here.py", "here.ipynb"):
        (tmp_path / name).touch()
    command = [sys.executable, "-m", "functape", *arguments]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and says in done.stderr


# ---- imports ---------------------------------------------------------------------------------------------------------


def test_every_form_of_import_gives_functapes_own_modules(run: Run) -> None:
    done = run(
        """
        import tensorflow
        import tensorflow as tf
        import tensorflow.keras
        import tensorflow.keras.optimizers as optimizers_as
        from tensorflow import keras, math
        from tensorflow.keras import optimizers
        from tensorflow.keras.optimizers import SGD, Adam
        import tensorflow.losses
        from tensorflow.losses import MSE
        import importlib.util, sys
        import functape

        assert tf is tensorflow is functape is sys.modules["tensorflow"]
        assert keras is tf.keras is functape.keras is sys.modules["tensorflow.keras"]
        assert optimizers is optimizers_as is functape.keras.optimizers
        assert SGD is functape.keras.optimizers.SGD and Adam is tf.keras.optimizers.Adam
        assert math is functape.math and MSE is functape.losses.MSE
        assert functape.__name__ == "functape" and functape.__spec__.name == "functape"
        assert functape.math.__spec__.name == functape.math.__name__
        assert importlib.util.find_spec("tensorflow") is not None
        assert importlib.util.find_spec("keras") is None or "functape" not in importlib.util.find_spec("keras").origin
        finders = len(sys.meta_path)
        functape.install()
        assert len(sys.meta_path) == finders
        """
    )
    assert (done.stderr, done.returncode) == ("", 0)


def test_import_keras_on_request(run: Run) -> None:
    program = """
        import keras
        from keras import optimizers
        from keras.optimizers import Adam
        import tensorflow as tf
        assert keras is tf.keras and optimizers is tf.keras.optimizers and Adam is optimizers.Adam
        """
    done = run(program, options=("--keras",))
    assert (done.stderr, done.returncode) == ("", 0)


def test_install_after_the_real_tensorflow_is_an_error(tmp_path: pathlib.Path) -> None:
    (tmp_path / "tensorflow.py").write_text("__version__ = 'real'\n")
    done = python("import functape, tensorflow\nfunctape.install()", tmp_path)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("RuntimeError: ") and str(tmp_path / "tensorflow.py") in last and "functape run" in last


def test_uninstall_gives_the_real_one_back(tmp_path: pathlib.Path) -> None:
    (tmp_path / "tensorflow.py").write_text("__version__ = 'real'\n")
    done = python(
        """
        import functape
        functape.install(keras=True)
        import tensorflow as first
        import tensorflow.math, tensorflow.keras
        functape.tensorflow_alias.uninstall()
        functape.tensorflow_alias.uninstall()
        import tensorflow as second
        assert first is functape and second.__version__ == "real"
        assert not hasattr(functape.math, "__path__")
        """,
        tmp_path,
    )
    assert (done.stderr, done.returncode) == ("", 0)


def test_importing_functape_leaves_import_tensorflow_alone(tmp_path: pathlib.Path) -> None:
    (tmp_path / "tensorflow.py").write_text("__version__ = 'real'\n")
    program = """
        import sys
        import functape, tensorflow
        assert tensorflow.__version__ == "real"
        assert not {"nbclient", "nbformat", "IPython", "optax", "functape.keras"} & set(sys.modules) - before
        """
    done = python("import sys; before = set(sys.modules)\n" + textwrap.dedent(program), tmp_path)
    assert (done.stderr, done.returncode) == ("", 0)


MISSING = [
    ("import tensorflow as tf; tf.reduce_summ", "AttributeError", "tf.reduce_summ", "tf.reduce_sum"),
    ("from tensorflow import reduce_summ", "ImportError", "tf.reduce_summ", "tf.reduce_sum"),
    ("from tensorflow.math import reduce_summ", "ImportError", "tf.math.reduce_summ", "tf.math.reduce_sum"),
    ("from tensorflow.keras.optimizers import Adamm", "ImportError", "tf.keras.optimizers.Adamm", "Adam"),
    ("import tensorflow.nosuch", "ImportError", "tf.nosuch", "neither TensorFlow"),
    ("import tensorflow.nosuch.deeper", "ImportError", "tf.nosuch", "neither TensorFlow"),
    ("from tensorflow.python.keras import layers", "ImportError", "tf.python", "tensorflow.keras"),
    ("import tensorflow.python.framework.ops", "ImportError", "tf.python", "not its public interface"),
    ("from tensorflow.contrib import slim", "ImportError", "tf.contrib", "TensorFlow 1"),
    ("import tensorflow as tf; tf.placeholder", "AttributeError", "tf.placeholder", "TensorFlow 1"),
    ("import tensorflow as tf; tf.random_normal", "AttributeError", "tf.random_normal", "tf.random.normal"),
    ("import tensorflow as tf; tf.log", "AttributeError", "tf.log", "tf.math.log"),
    ("import tensorflow as tf; tf.lite", "AttributeError", "tf.lite", "part of TensorFlow 2.21"),
    ("import tensorflow as tf; tf.lite.TFLiteConverter", "AttributeError", "tf.lite", "no converter"),
    ("import tensorflow as tf; tf.math._secret", "AttributeError", "_secret", ""),
    ("from tensorflow.math import _secret", "ImportError", "_secret", ""),
]


@pytest.mark.parametrize("batch", [MISSING], ids=["all"])
def test_a_missing_name_is_explained_at_once(run: Run, batch: list[tuple[str, str, str, str]]) -> None:
    program = f"""
for code in {[case[0] for case in batch]!r}:
    try:
        exec(code)
    except Exception as error:
        print(type(error).__name__, error)
    else:
        print("no error:", code)
"""
    done = run(program)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == len(batch)
    for (code, kind, name, hint), line in zip(batch, lines, strict=True):
        assert line.startswith(kind + " ") and name in line and hint in line, (code, line)


def test_hasattr_of_a_missing_name_is_false(run: Run) -> None:
    done = run("import tensorflow as tf\nprint(hasattr(tf, 'nosuch'), getattr(tf.math, 'nosuch', 'default'))")
    assert (done.stdout, done.returncode) == ("False default\n", 0)
