"""`functape check`: names found by reading, and what is said about them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from functape._check import check, findings_in
from functape._check_names import uses
from functape.cli import main

PROGRAMS = {
    "import tensorflow as tf\ntf.math.add(1, 2)": ["math.add"],
    "import tensorflow\ntensorflow.keras.layers.Dense(1)": ["keras.layers.Dense"],
    "import tensorflow.keras.backend as K\nK.sum": ["keras.backend", "keras.backend.sum"],
    "import tensorflow.keras\ntensorflow.abs(1)": ["keras", "abs"],
    "from tensorflow import keras as k\nk.Model": ["keras", "keras.Model"],
    "from tensorflow.keras.layers import Dense, Conv2D as C\nC(1)": [
        "keras.layers.Conv2D",
        "keras.layers.Dense",
        "keras.layers.Conv2D",
    ],
    "from tensorflow.math import *\nabs(1)": ["math", "math.abs"],
    "import keras\nkeras.Sequential": ["keras", "keras.Sequential"],
    "import tensorflow.compat.v2 as tf\ntf.abs": ["abs"],
    "import tensorflow.compat.v1 as tf\ntf.Session()": ["compat.v1", "compat.v1.Session"],
    "import tensorflow as tf\nL = tf.keras.layers\nL.Dense": ["keras.layers", "keras.layers.Dense"],
    "import tensorflow as tf\ngetattr(tf, 'abs')(1)": ["abs"],
    "import tensorflow as tf\ndef f(tf):\n    return tf.abs": [],
    "import tensorflow as tf\ntf = 3\ntf.abs": [],
    "def f():\n    return tf.abs\nimport tensorflow as tf": ["abs"],
    "import tensorflow as tf\nx = [tf.abs(y) for y in z]": ["abs"],
    "import tensorflow as tf\nclass A(tf.Module):\n    def f(self, x: tf.Tensor = tf.ones(1)):\n        pass": [
        "Module", "Tensor", "ones",
    ],
    "try:\n    import tensorflow as tf\nexcept ImportError:\n    tf = None\ntf.abs": ["abs"],
    "from . import tensorflow as tf\ntf.abs": [],
    "import numpy as np\nnp.abs": [],
    "import functape as tf\nwith tf.GradientTape() as tape:\n    tape.watch(x)": ["GradientTape"],
    "import tensorflow as tf\ntf.ones(1).shape.rank": ["ones"],
}  # fmt: skip


@pytest.mark.parametrize("source", PROGRAMS, ids=range(len(PROGRAMS)))
def test_names_in(source: str):
    assert [use.name for use in uses(source)] == PROGRAMS[source]


def test_lines_and_columns():
    assert uses("import tensorflow as tf\n\nx = tf.abs(1)")[-1] == ("abs", 3, 5)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text("import tensorflow as tf\ntf.lite.Interpreter()\ntf.abs(1)\ntf.linalg.inv(1)\ntf.nothing_at_all\n")
    return path


def test_report(program: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["check", str(program)]) == 1
    first, second, third, summary = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{program}:2:1: tf.lite.Interpreter: unsupported: ") and "TensorFlow Lite" in first
    assert second.startswith(f"{program}:4:1: tf.linalg.inv: supported with a difference: ")
    assert third.startswith(f"{program}:5:1: tf.nothing_at_all: unsupported: ") and "does not exist" in third
    assert summary.endswith("1 supported, 1 supported with a difference, 2 not supported.")


def test_all_and_json(program: Path):
    out = io.StringIO()
    assert check([program], show_all=True, out=out) == 1
    assert f"{program}:3:1: tf.abs: supported\n" in out.getvalue()
    out = io.StringIO()
    assert check([program], as_json=True, out=out) == 1
    found = json.loads(out.getvalue())
    assert (found["supported"], found["supported_with_a_difference"], found["unsupported"]) == (1, 1, 2)
    assert found["uses"][0]["name"] == "tf.lite.Interpreter" and found["uses"][0]["line"] == 2


def test_supported_programs_leave_with_zero(tmp_path: Path):
    path = tmp_path / "fine.py"
    path.write_text("import tensorflow as tf\nprint(tf.abs(-1))\n")
    assert check([path], out=io.StringIO()) == 0


def test_a_notebook_and_a_folder(tmp_path: Path, program: Path):
    cells = [
        {"cell_type": "markdown", "source": "import tensorflow"},
        {"cell_type": "code", "source": ["%matplotlib inline\n", "import tensorflow as tf\n"]},
        {"cell_type": "code", "source": "x = 1\ntf.lite.Interpreter()\n!ls\ntf.abs?"},
    ]
    notebook = tmp_path / "notebook.ipynb"
    notebook.write_text(json.dumps({"cells": cells}))
    (found,) = findings_in(notebook)
    assert (found.cell, found.line, found.name) == (2, 2, "lite.Interpreter")
    out = io.StringIO()
    assert check([tmp_path], out=out) == 1
    assert out.getvalue().splitlines()[-1].startswith("2 files")


@pytest.mark.parametrize("text", ["def (", "\0"])
def test_what_cannot_be_read(tmp_path: Path, text: str):
    path = tmp_path / "broken.py"
    path.write_text(text)
    assert check([path], out=io.StringIO()) == 2


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(SystemExit):
        main(["check", str(tmp_path / "nothing.py")])
