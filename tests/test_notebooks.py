"""Notebooks through `functape run`: what they print is what they print with TensorFlow itself."""

from __future__ import annotations

import json
import os
import pathlib
import re
import subprocess
import sys
from typing import Any

import nbformat
import numpy as np
import pytest
from nbclient import NotebookClient
from nbformat import v4

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent / "examples"
# The notebooks print variables as Keras 2 does. A seeded `fit` draws Keras 3's numbers: test_training compares it.
NOTEBOOKS = [path for path in sorted(EXAMPLES.glob("*.ipynb")) if "model.fit(" not in path.read_text(encoding="utf-8")]
NUMBER = re.compile(r"-?\d+\.\d*(?:e[-+]?\d+)?|-?\d+e[-+]?\d+")
NOISE = re.compile(r"WARNING: All log|[IWE]0000 |To enable the following")

SEPARATOR = "# %%\n"
LESSON = """\
import tensorflow as tf
x = tf.Variable(initial_value=3.)
# %%
with tf.GradientTape() as tape:
    y = tf.square(x)
print(f"{y} {tape.gradient(y, x)}")
# %%
x, x.name, x.dtype, x.shape
# %%
tf.fill([4], 0.25) * tf.fill([4], 2.)
# %%
tf.constant([[1, 2], [3, 4]]), tf.constant("text"), tf.constant(True)
# %%
from tqdm.notebook import tqdm, tqdm_notebook
# %%
# The second positional argument of square is its name, and any object is taken for one.
v = tf.Variable(2.)
with tf.GradientTape() as tape:
    loss = tf.reduce_sum(tf.square(v, v * 3.))
gradients = tape.gradient(loss, [v])
print(gradients)
# %%
optimizer = tf.keras.optimizers.SGD(learning_rate=0.25)
with tqdm(total=3) as bar:
    for _ in range(3):
        bar.set_description(f"loss: {loss}")
        bar.update(1)
        optimizer.apply_gradients(grads_and_vars=zip(gradients, [v]))
# %%
tf.print("v = ", v, "; iterations = ", int(optimizer.iterations))
# %%
w = tf.constant(1.)
with tf.GradientTape(persistent=True) as tape:
    tape.watch([w])
    y2 = w * 2.
tape.gradient(v * 2., [w]), tape.gradient(y2, [w])
# %%
with tf.GradientTape() as t1:
    with tf.GradientTape() as t2:
        y = x * v
    d = t2.gradient(y, [x, v])
print(*d, t1.gradient(d[0], x))
# %%
print(tf.constant([1., 2.]), x)
"""
"""Cells such as lessons on tapes have, each depending on the ones above."""


def functape_run(path: pathlib.Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "functape", "run", str(path), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def with_tensorflow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The examples and the lesson executed with TensorFlow itself, by name.

    One kernel runs them all, since most of the time goes into its start. It has the Keras whose optimizers are
    TensorFlow 2's.
    """
    folder = tmp_path_factory.mktemp("tensorflow")
    notebooks = {path.stem: nbformat.read(path, as_version=4) for path in NOTEBOOKS}
    notebooks["lesson"] = nbformat.read(written(LESSON.split(SEPARATOR), folder / "lesson.ipynb"), as_version=4)
    for name, notebook in notebooks.items():
        notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        for place, cell in enumerate(notebook.cells):
            cell.id, cell.outputs = f"{name}-{place}", []
    everything = v4.new_notebook(cells=[cell for notebook in notebooks.values() for cell in notebook.cells])
    client = NotebookClient(
        everything, kernel_name="python3", timeout=300, coalesce_streams=True, resources={"metadata": {"path": folder}}
    )
    client.execute(env={**os.environ, "TF_USE_LEGACY_KERAS": "1"})
    return notebooks


def written(cells: list[str], path: pathlib.Path, **metadata: Any) -> pathlib.Path:
    """A notebook file with the given code cells."""
    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells], metadata=metadata), path)
    return path


def outputs(cell: Any) -> list[tuple[str, str]]:
    """What a cell shows: the kind of each output and its text."""
    shown = []
    for output in cell.outputs:
        if output.output_type == "stream":
            lines = [line for line in output.text.splitlines() if not NOISE.match(line)]
            if lines:
                shown.append((output.name, "\n".join(lines)))
        elif output.output_type == "error":
            shown.append(("error", output.ename))
        else:
            kinds = ",".join(sorted(output.data))
            pictured = "image/png" in output.data or "widget" in kinds
            shown.append((kinds, "" if pictured else output.data["text/plain"]))
    return shown


def check_same(ours: Any, theirs: Any) -> None:
    """Compare every cell: texts outside numbers exactly, numbers to float32's last digits."""
    our_cells = [cell for cell in ours.cells if cell.cell_type == "code"]
    for our_cell, their_cell in zip(our_cells, theirs.cells, strict=True):
        assert our_cell.source == their_cell.source
        for (kind, text), (their_kind, their_text) in zip(outputs(our_cell), outputs(their_cell), strict=True):
            assert kind == their_kind, our_cell.source
            assert _words(text) == _words(their_text), our_cell.source
            np.testing.assert_allclose(_numbers(text), _numbers(their_text), rtol=2e-5, atol=1e-7)


def _words(text: str) -> str:
    # The blanks around a printed number change with its width, and its width with the last digit.
    return re.sub(r"\s*#\s*", "#", NUMBER.sub("#", text))


def _numbers(text: str) -> list[float]:
    return [float(number) for number in NUMBER.findall(text)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_an_example_prints_what_tensorflow_prints(
    path: pathlib.Path, tmp_path: pathlib.Path, with_tensorflow: dict[str, Any]
) -> None:
    ours = tmp_path / "ours.ipynb"
    done = functape_run(path, "--output", str(ours))
    assert done.returncode == 0, done.stderr
    check_same(nbformat.read(ours, as_version=4), with_tensorflow[path.stem])
    check_same(nbformat.read(path, as_version=4), with_tensorflow[path.stem])


def test_a_thousand_steps_end_at_tensorflows_last_digit(with_tensorflow: dict[str, Any]) -> None:
    path = EXAMPLES / "02_minimum_of_a_parabola.ipynb"
    ours = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    texts = [[outputs(cell) for cell in cells] for cells in (ours, with_tensorflow[path.stem].cells)]
    assert texts[0] == texts[1]


def test_a_lesson_prints_what_tensorflow_prints(tmp_path: pathlib.Path, with_tensorflow: dict[str, Any]) -> None:
    gone = {"name": "not-registered", "display_name": "gone"}
    path = written(LESSON.split(SEPARATOR), tmp_path / "lesson.ipynb", kernelspec=gone)
    done = functape_run(path)
    assert done.returncode == 0, done.stderr
    check_same(nbformat.read(path, as_version=4), with_tensorflow["lesson"])


def test_the_comparison_notices_a_difference() -> None:
    def shown(text: str) -> Any:
        output = v4.new_output("stream", name="stdout", text=text)
        return v4.new_notebook(cells=[v4.new_code_cell("", outputs=[output])])

    check_same(shown("x = 0.999998569"), shown("x = 0.99999857"))
    for text in ("x = 0.99990", "y = 0.999998569", "x = 0.999998569 1.0", "x =  0.999998569\nNone"):
        with pytest.raises(AssertionError):
            check_same(shown(text), shown("x = 0.999998569"))


def test_a_notebook_is_written_in_place_with_its_pictures(tmp_path: pathlib.Path) -> None:
    cells = ["import tensorflow as tf", "import matplotlib.pyplot as plt\nplt.plot(tf.range(3));", "import beside"]
    path = written(cells, tmp_path / "drawn.ipynb", kept="as it was")
    (tmp_path / "beside.py").write_text("")
    (tmp_path / "functape.py").write_text("raise RuntimeError('not the library')")
    path.chmod(0o640)
    done = functape_run(path)
    assert done.returncode == 0, done.stderr
    assert "3 code cells" in done.stderr
    notebook = nbformat.read(path, as_version=4)
    assert [cell.execution_count for cell in notebook.cells] == [1, 2, 3]
    assert outputs(notebook.cells[1]) == [("image/png,text/plain", "")]
    assert notebook.metadata["kept"] == "as it was"
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(each.suffix for each in tmp_path.iterdir() if each.is_file()) == [".ipynb", ".py", ".py"]


def test_a_failing_cell_is_reported_and_the_notebook_written(tmp_path: pathlib.Path) -> None:
    cells = ["import tensorflow as tf", "tf.reduce_summ([1.])", "'not reached'"]
    path = written(cells, tmp_path / "fails.ipynb")
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].outputs = [v4.new_output("stream", text="from an earlier run")]
    nbformat.write(notebook, path)
    done = functape_run(path, "--output", str(tmp_path / "new" / "out.ipynb"))
    assert done.returncode == 1
    assert "cell 2 (code cell 2) failed" in done.stderr and "Did you mean tf.reduce_sum" in done.stderr
    assert "_namespace.py" not in done.stderr and "\x1b" not in done.stderr
    result = nbformat.read(tmp_path / "new" / "out.ipynb", as_version=4)
    assert [outputs(cell) for cell in result.cells] == [[], [("error", "AttributeError")], []]
    assert "earlier run" in path.read_text()


def test_keep_going_reports_every_failing_cell_but_those_announced(tmp_path: pathlib.Path) -> None:
    path = written(["1/0", "2", "undefined", "1/0"], tmp_path / "fails.ipynb")
    notebook = json.loads(path.read_text())
    notebook["cells"][3]["metadata"]["tags"] = ["raises-exception"]
    path.write_text(json.dumps(notebook))
    done = functape_run(path, "--keep-going", "--full-traceback")
    assert done.returncode == 1
    assert re.findall(r"cell \d \(code cell \d\)", done.stderr) == ["cell 1 (code cell 1)", "cell 3 (code cell 3)"]
    assert nbformat.read(path, as_version=4).cells[1].outputs[0].data["text/plain"] == "2"


@pytest.mark.parametrize(
    ("cell", "options", "says"),
    [
        ("import time\ntime.sleep(100)", ["--timeout", "1"], "took longer than the time limit"),
        ("import os\nos._exit(3)", [], "ended the kernel"),
    ],
    ids=["timeout", "death"],
)
def test_a_cell_that_does_not_end(tmp_path: pathlib.Path, cell: str, options: list[str], says: str) -> None:
    path = written(["print('before')", cell], tmp_path / "stuck.ipynb")
    done = functape_run(path, *options)
    assert done.returncode == 1
    assert f"cell 2 (code cell 2) {says}" in done.stderr
    assert outputs(nbformat.read(path, as_version=4).cells[0]) == [("stdout", "before")]


def test_the_script_example_draws_its_picture(tmp_path: pathlib.Path) -> None:
    picture = tmp_path / "fit.png"
    command = [sys.executable, "-m", "functape", "run", str(EXAMPLES / "04_fit_a_curve.py"), str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    losses = [float(loss) for loss in re.findall(r"loss (\d+\.\d+)", done.stdout)]
    assert len(losses) == 4 and losses[-1] < 0.02
    assert picture.read_bytes().startswith(b"\x89PNG")
