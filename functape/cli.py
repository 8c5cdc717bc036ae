"""The `functape` command."""

from __future__ import annotations

import argparse
import pathlib
import sys
from collections.abc import Sequence

from functape._version import __version__

_DESCRIPTION = "Run TensorFlow 2 programs on JAX."
_RUN = """\
Run an unmodified TensorFlow script or notebook with `import tensorflow` resolved to functape.

A script runs as the main program; what follows FILE is passed on to it. A notebook is executed from its first cell on
and written back with its outputs and pictures; a cell that fails is reported, and the exit status is then 1."""

_NOTEBOOK_OPTIONS = {"output": None, "timeout": None, "keep_going": False}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the `functape` command.

    **Arguments:**
    - `arguments`: the command line after the program's name; that of this process if None.

    **Returns:** the exit status.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    path = pathlib.Path(options.file)
    if not path.is_file():
        parser.error(f"there is no file {str(path)!r}")
    given = [name for name, default in _NOTEBOOK_OPTIONS.items() if getattr(options, name) != default]
    if path.suffix == ".ipynb":
        # No arguments can be passed to a notebook, so options may stand after its name as well.
        later = parser.parse_args(["run", *options.arguments, options.file])
        if later.arguments:
            parser.error(f"a notebook takes no arguments. Received: {' '.join(options.arguments)}")
        for name in (*given, "keras", "full_traceback"):
            setattr(later, name, getattr(options, name) or getattr(later, name))
        from functape._notebook import run_notebook

        return run_notebook(path, later.output, later.timeout, later.keep_going, later.full_traceback, later.keras)
    if given:
        parser.error(f"--{given[0].replace('_', '-')} is for notebooks. Received: {str(path)!r}")
    from functape._script import run_script

    return run_script(path, options.arguments, options.full_traceback, options.keras)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="functape", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"functape {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    run = commands.add_parser(
        "run",
        help="run a TensorFlow script or notebook",
        description=_RUN,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument("--keras", action="store_true", help="resolve `import keras` to functape too")
    run.add_argument("--full-traceback", action="store_true", help="show functape's own lines in tracebacks")
    run.add_argument(
        "--output", type=pathlib.Path, metavar="PATH", help="notebook: write the result here, not in place"
    )
    run.add_argument("--timeout", type=float, metavar="SECONDS", help="notebook: give up on a cell after this long")
    run.add_argument("--keep-going", action="store_true", help="notebook: execute the cells after a failing one too")
    run.add_argument("file", metavar="FILE", help="a Python script, or a notebook (.ipynb)")
    run.add_argument("arguments", metavar="ARGUMENT", nargs=argparse.REMAINDER, help="passed on to the script")
    return parser


if __name__ == "__main__":
    sys.exit(main())
