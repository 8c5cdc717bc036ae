"""One command for each thing to do with a checkout, from nothing but Python 3.11 or later.

    python3 dev.py demo    set up .venv and run a GradientTape notebook, shown working
    python3 dev.py test    set up .venv-test and pass every check and test

`--fresh` removes the environment first. Uses the standard library only.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import html
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
BUILD = ROOT / "build"
DEMO = ROOT / "examples" / "02_minimum_of_a_parabola.ipynb"
OLDEST = (3, 11)


class Failure(Exception):
    """A stage that did not succeed."""


def main() -> int:
    """Run the command line's command."""
    if sys.version_info < OLDEST:
        found = ".".join(map(str, sys.version_info[:3]))
        print(f"functape needs Python 3.11 or later. This is Python {found}: {sys.executable}", file=sys.stderr)
        return 1
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["demo", "test"])
    parser.add_argument("--fresh", action="store_true", help="remove the command's environment first")
    options = parser.parse_args()
    os.chdir(ROOT)
    try:
        return demo(options.fresh) if options.command == "demo" else test(options.fresh)
    except Failure as failure:
        print(f"\ndev.py {options.command}: FAILED: {failure}", file=sys.stderr)
        return 1


# ---- demo ------------------------------------------------------------------------------------------------------------


def demo(fresh: bool) -> int:
    """Run an unmodified TensorFlow notebook and show what it printed."""
    python = environment(ROOT / ".venv", "run,examples", fresh)
    BUILD.mkdir(exist_ok=True)
    executed = BUILD / DEMO.name
    stage("notebook", [python, "-m", "functape", "run", DEMO, "--output", executed])
    notebook = json.loads(executed.read_text(encoding="utf-8"))
    print("\n" + as_text(notebook))
    page = executed.with_suffix(".html")
    page.write_text(as_html(notebook, DEMO.stem), encoding="utf-8")
    print(f"The executed notebook: {executed.relative_to(ROOT)}")
    print(f"The same as a page:    {page.relative_to(ROOT)}")
    print(f"Run your own:          {Path(python).parent.relative_to(ROOT) / 'functape'} run FILE.ipynb")
    return 0


def as_text(notebook: dict) -> str:
    """A notebook's code cells and what they printed, for a terminal."""
    parts = []
    for cell in notebook["cells"]:
        if cell["cell_type"] != "code":
            parts.append(joined(cell["source"]).strip())
            continue
        parts.append(f"In [{cell['execution_count']}]:\n" + indented(joined(cell["source"])))
        for output in cell["outputs"]:
            text = output_text(output)
            if text.strip():
                parts.append("Out:\n" + indented(text.rstrip("\n")))
    return "\n\n".join(parts) + "\n"


def as_html(notebook: dict, title: str) -> str:
    """A notebook as one self-contained page, pictures included."""
    parts = []
    for cell in notebook["cells"]:
        source = joined(cell["source"])
        if cell["cell_type"] != "code":
            heading = re.match(r"(#+) +(.*)", source)
            level = len(heading[1]) if heading else 0
            rest = source[heading.end() :] if heading else source
            parts.append(f"<h{level}>{html.escape(heading[2])}</h{level}>" if heading else "")
            parts += [f"<p>{html.escape(each)}</p>" for each in rest.strip().split("\n\n") if each]
            continue
        parts.append(f"<pre class='in'>{html.escape(source)}</pre>")
        for output in cell["outputs"]:
            picture = output.get("data", {}).get("image/png")
            if picture:
                data = base64.b64encode(base64.b64decode(joined(picture))).decode()
                parts.append(f"<img alt='' src='data:image/png;base64,{data}'>")
            else:
                parts.append(f"<pre>{html.escape(output_text(output))}</pre>")
    style = (
        "body{max-width:50em;margin:2em auto;font-family:sans-serif}pre{overflow:auto;padding:.5em}.in{background:#eee}"
    )
    head = f"<!doctype html><meta charset='utf-8'><title>{html.escape(title)}</title><style>{style}</style>"
    return head + "\n".join(part for part in parts if part) + "\n"


def output_text(output: dict) -> str:
    """What an output shows where there are no pictures."""
    if output["output_type"] == "stream":
        return joined(output["text"])
    if output["output_type"] == "error":
        return f"{output['ename']}: {output['evalue']}"
    if "image/png" in output["data"]:
        return "(picture)"
    return joined(output["data"].get("text/plain", ""))


def joined(text: str | list[str]) -> str:
    """A notebook's text, which may be stored as a list of lines."""
    return text if isinstance(text, str) else "".join(text)


def indented(text: str) -> str:
    """Text moved to the right."""
    return "\n".join("    " + line for line in text.split("\n"))


# ---- test ------------------------------------------------------------------------------------------------------------


def test(fresh: bool) -> int:
    """Run every check; all of them, so that one run shows all that is wrong."""
    python = environment(ROOT / ".venv-test", "test", fresh)
    BUILD.mkdir(exist_ok=True)
    examples = sorted((ROOT / "examples").glob("*.ipynb")) + sorted((ROOT / "examples").glob("*.py"))
    stages: list[tuple[str, list]] = [
        ("lint", [python, "-m", "ruff", "check", "."]),
        ("format", [python, "-m", "ruff", "format", "--check", "."]),
        ("types", [python, "-m", "mypy"]),
        ("doctests", [python, "-m", "pytest", "--doctest-modules", "functape", "-p", "no:cacheprovider"]),
        ("documents", [python, "-m", "pytest", "--doctest-glob=*.md", "docs", "README.md", "-p", "no:cacheprovider"]),
    ]
    for path in examples:
        # The examples in the checkout stay as they are: notebooks go to --output, a script's picture to its argument.
        written = ["--output", BUILD / path.name] if path.suffix == ".ipynb" else [BUILD / f"{path.stem}.png"]
        stages.append((path.name, [python, "-m", "functape", "run", path, *written]))
    stages.append(("tests", [python, "-m", "pytest", "-n", "2"]))
    times, failed = [], []
    for name, command in stages:
        began = time.perf_counter()
        try:
            stage(name, command)
        except Failure as failure:
            print(failure, file=sys.stderr)
            failed.append(name)
        times.append((name, time.perf_counter() - began))
    print("\n" + "\n".join(f"{seconds:8.1f} s  {name}" for name, seconds in times))
    if failed:
        raise Failure(", ".join(failed))
    print("dev.py test: everything passed")
    return 0


# ---- environments ----------------------------------------------------------------------------------------------------


def environment(folder: Path, extras: str, fresh: bool) -> Path:
    """The Python of an environment with functape and some of its extras installed; made if need be."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if fresh and folder.exists():
        shutil.rmtree(folder)
    stamp = folder / "installed"
    decisive = [ROOT / "pyproject.toml", ROOT / "functape" / "_engine" / "_native.c"]
    state = b"".join(path.read_bytes() for path in decisive) + f"{sys.version}{ROOT}".encode()
    wanted = hashlib.sha256(state).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        print(f"environment: {folder.name} is up to date", flush=True)
        return python
    if folder.exists():
        shutil.rmtree(folder)
    try:
        stage("environment", [sys.executable, "-m", "venv", folder])
    except Failure as failure:
        raise Failure(f"{failure}. On Debian and Ubuntu: apt-get install python3-venv") from None
    pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
    stage("install", [*pip, "--editable", f".[{extras}]"])
    stamp.write_text(wanted)
    return python


def stage(name: str, command: list) -> None:
    """Run one command, with a line before and the time after; a failure is an error."""
    words = [str(word) for word in command]
    shown = [Path(words[0]).name, *words[1:]]
    print(f"\n=== {name}: {' '.join(shown).replace(str(ROOT) + os.sep, '')}", flush=True)
    variables = {**os.environ, "PYTHONUNBUFFERED": "1"}
    variables.pop("PYTHONPATH", None)
    began = time.perf_counter()
    status = subprocess.run(words, cwd=ROOT, env=variables, check=False).returncode
    seconds = time.perf_counter() - began
    if status != 0:
        raise Failure(f"{name} (exit status {status} after {seconds:.1f} s)")
    print(f"=== {name}: {seconds:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(main())
