"""Running a TensorFlow notebook and writing it back with its outputs."""

from __future__ import annotations

import os
import pathlib
import re
import sys
import tempfile
import time
from typing import Any

_ROOT = str(pathlib.Path(__file__).resolve().parent.parent)
_LAUNCH = """\
import sys
# The folder of the notebook: a file there named like a library must not be imported in that library's place.
sys.path.remove("")
here = {root!r}
added = here not in sys.path
if added:
    sys.path.insert(0, here)
from functape._kernel import main
if added:
    sys.path.remove(here)
main({keras}, {full_traceback})
"""
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def run_notebook(
    path: pathlib.Path,
    output: pathlib.Path | None = None,
    timeout: float | None = None,
    keep_going: bool = False,
    full_traceback: bool = False,
    keras: bool = False,
) -> int:
    """Execute a notebook from its first cell on, with `import tensorflow` resolved to functape, and write it back.

    It runs in a kernel of this Python, whatever kernel the notebook names, with the notebook's folder as the current
    one. A cell that fails is reported on standard error; the notebook is written all the same.

    **Arguments:**
    - `path`: the notebook.
    - `output`: where to write the executed notebook; in place if None.
    - `timeout`: seconds that one cell may take; no limit if None.
    - `keep_going`: whether the cells after a failing one are executed too.
    - `full_traceback`: whether tracebacks show the lines of functape too.
    - `keras`: whether `import keras` is resolved to functape too.

    **Returns:** the exit status: 0; 1 if a cell failed; 130 if the run was interrupted.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
    except ImportError as error:
        print(f"functape: running a notebook needs {error.name}: pip install 'functape[run]'", file=sys.stderr)
        return 1
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    at = 0

    def started(cell: Any, cell_index: int) -> None:
        nonlocal at
        at = cell_index

    client = NotebookClient(
        notebook,
        timeout=timeout,
        allow_errors=keep_going,
        record_timing=False,
        coalesce_streams=True,
        kernel_manager_class=_kernel_manager(keras, full_traceback),
        resources={"metadata": {"path": str(path.resolve().parent)}},
        on_cell_start=started,
    )
    trouble: str | None = None
    status = 1
    began = time.perf_counter()
    try:
        client.execute()
    except CellExecutionError:
        pass
    except (CellTimeoutError, DeadKernelError) as error:
        stopped = "took longer than the time limit" if isinstance(error, CellTimeoutError) else "ended the kernel"
        trouble = f"{_place(path, notebook, at)} {stopped}"
    except AssertionError:
        # Told to interrupt, nbclient removes the kernel and then trips over its absence.
        if client.km is not None:
            raise
        trouble = f"{_place(path, notebook, at)} was interrupted"
        status = 130
    finally:
        _write(nbformat.writes(notebook), output or path)
    failed = _failures(path, notebook)
    for report in failed:
        print(report, file=sys.stderr)
    if trouble is not None:
        print(f"functape: {trouble}", file=sys.stderr)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    if failed or trouble:
        print(f"functape: {path} failed; what it did is in {output or path}", file=sys.stderr)
        return status
    seconds = time.perf_counter() - began
    print(f"functape: {path}: {cells} code cells run in {seconds:.1f} s, written to {output or path}", file=sys.stderr)
    return 0


def _kernel_manager(keras: bool, full_traceback: bool) -> type:
    """A manager for kernels of this Python that needs no kernel to be registered."""
    from jupyter_client import AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpec

    start = _LAUNCH.format(root=_ROOT, keras=keras, full_traceback=full_traceback)
    spec = KernelSpec(
        argv=[sys.executable, "-c", start, "-f", "{connection_file}", "--log-level=CRITICAL"],
        display_name="functape",
        language="python",
    )

    class Manager(AsyncKernelManager):
        kernel_spec = spec

    return Manager


def _failures(path: pathlib.Path, notebook: Any) -> list[str]:
    """For each cell that ended in an error which the notebook does not announce: its place and traceback."""
    reports = []
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type != "code" or "raises-exception" in cell.metadata.get("tags", ()):
            continue
        for output in cell.outputs:
            if output.output_type == "error":
                lines = "\n".join(output.traceback) or f"{output.ename}: {output.evalue}"
                lines = lines if sys.stderr.isatty() else _COLOURS.sub("", lines)
                reports.append(f"functape: {_place(path, notebook, index)} failed:\n{lines}")
    return reports


def _place(path: pathlib.Path, notebook: Any, index: int) -> str:
    code = sum(cell.cell_type == "code" for cell in notebook.cells[: index + 1])
    return f"{path}: cell {index + 1} (code cell {code})"


def _write(text: str, path: pathlib.Path) -> None:
    """Write the notebook whole or not at all."""
    folder = path.resolve().parent
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text.rstrip("\n") + "\n")
        mode = path.stat().st_mode if path.exists() else 0o666 & ~_umask()
        os.chmod(name, mode)
        os.replace(name, path.resolve())
    except BaseException:
        os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
