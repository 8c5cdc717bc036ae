"""Builds the C extension of the recording hot path along with the package; without a compiler the package is pure
Python."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

NAME = "functape._engine._native"
SOURCE = "functape/_engine/_native.c"


class NativeBuildHook(BuildHookInterface):
    """Compiles the extension into the source tree, where an editable installation finds it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before it puts a wheel together; `version` is `editable` or `standard`."""
        built = compile_extension()
        if built is None:
            self.app.display_warning("No C compiler that works: functape records in Python, which takes longer.")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        if version != "editable":
            build_data["force_include"][str(built)] = str(built)


def compile_extension() -> Path | None:
    """Compile the extension; returns where it is, or None if it could not be compiled."""
    # An optional extension that does not compile is a warning.
    distribution = Distribution({"name": "functape", "ext_modules": [Extension(NAME, [SOURCE], optional=True)]})
    command = build_ext(distribution)
    command.inplace = True
    with tempfile.TemporaryDirectory() as folder:
        command.build_lib = command.build_temp = folder
        command.ensure_finalized()
        built = Path(command.get_ext_filename(NAME))
        # What is there may be of an older source.
        built.unlink(missing_ok=True)
        command.run()
    return built if built.exists() else None
