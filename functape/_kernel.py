"""The Jupyter kernel that runs notebooks: IPython's, with `import tensorflow` resolved to functape from the start."""

from __future__ import annotations

import os
from typing import Any

from functape._script import hide_own_lines
from functape.tensorflow_alias import install


def main(keras: bool = False, full_traceback: bool = False) -> None:
    """Serve the connection file named on the command line until told to shut down.

    **Arguments:**
    - `keras`: whether `import keras` is resolved to functape too.
    - `full_traceback`: whether tracebacks show the lines of functape too.
    """
    # The debugger that ipykernel loads warns about frozen modules on every start otherwise.
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")
    from ipykernel.kernelapp import IPKernelApp

    install(keras=keras)
    app = IPKernelApp.instance()
    app.initialize()
    if not full_traceback:
        _show_only_the_cells_lines(app.shell)
    app.start()


def _show_only_the_cells_lines(shell: Any) -> None:
    formatter = shell.InteractiveTB
    whole = formatter.structured_traceback

    def structured_traceback(etype: Any, evalue: Any = None, etb: Any = None, *args: Any, **kwargs: Any) -> Any:
        if isinstance(evalue, BaseException):
            hide_own_lines(evalue)
            etb = evalue.__traceback__
        return whole(etype, evalue, etb, *args, **kwargs)

    formatter.structured_traceback = structured_traceback
