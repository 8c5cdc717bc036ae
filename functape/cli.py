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

_CHECK = """\
Read scripts and notebooks, without running them, and tell for each TensorFlow or Keras name they use whether functape
has it, has it with a difference, or does not have it, and what to use instead.

The exit status is 0 if everything is there, 1 if something is not, and 2 if a file cannot be read."""

_PORT = """\
Run a TensorFlow script and write each of its steps as a Python module that imports only JAX.

Steps are the functions decorated with tf.function, or those named with --step. Each becomes FILE_STEP_jax.py, for
arguments like those of its first call."""

_NOTEBOOK_OPTIONS = {"output": None, "timeout": None, "keep_going": False}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the `functape` command.

    **Arguments:**
    - `arguments`: the command line after the program's name; that of this process if None.

    **Returns:** the exit status.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "check":
        return _check(parser, options)
    if options.command == "port":
        return _port(parser, options)
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


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    for path in options.paths:
        if not path.exists():
            parser.error(f"there is no file or folder {str(path)!r}")
    from functape._check import check

    return check(options.paths, options.json, options.all)


def _port(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    if not options.file.is_file():
        parser.error(f"there is no file {str(options.file)!r}")
    from functape._port._command import port

    return port(options.file, options.step or (), options.output, options.arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="functape", description=_DESCRIPTION)
    parser.add_argument("--version", action="version", version=f"functape {__version__}")
    commands = parser.add_subparsers(metavar="COMMAND", dest="command", required=True)
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
    check = commands.add_parser(
        "check",
        help="tell which TensorFlow names a program uses that are not there",
        description=_CHECK,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    check.add_argument("--json", action="store_true", help="write one JSON object, with every use")
    check.add_argument("--all", action="store_true", help="list what is supported too")
    check.add_argument("paths", metavar="PATH", nargs="+", type=pathlib.Path, help="a script, a notebook or a folder")
    port = commands.add_parser(
        "port",
        help="write the steps of a TensorFlow script as JAX modules",
        description=_PORT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    port.add_argument("--step", action="append", metavar="NAME", help="a function that is a step; may be repeated")
    port.add_argument("--output", type=pathlib.Path, metavar="FOLDER", help="write there, not beside the script")
    port.add_argument("file", metavar="FILE", type=pathlib.Path, help="a Python script")
    port.add_argument("arguments", metavar="ARGUMENT", nargs=argparse.REMAINDER, help="passed on to the script")
    return parser


if __name__ == "__main__":
    sys.exit(main())
