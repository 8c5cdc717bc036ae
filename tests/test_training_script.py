"""The training script of the examples: killed and started again it ends where an undisturbed run ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np

import functape

SCRIPT = Path(__file__).parent.parent / "examples" / "08_training_script.py"


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "functape", "run", str(SCRIPT), str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)


def test_killed_it_goes_on_and_ends_with_the_same_numbers(tmp_path: Path) -> None:
    undisturbed, killed = start(tmp_path / "undisturbed"), start(tmp_path / "killed")
    assert killed.stdout is not None
    for _ in range(4):
        assert killed.stdout.readline().startswith("epoch")
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    printed = start(tmp_path / "killed").communicate()[0]
    assert printed.startswith("goes on after epoch") and undisturbed.communicate()[0].startswith("epoch 1:")
    first, second = (
        functape.train.load_checkpoint(tmp_path / name / "checkpoints") for name in ("undisturbed", "killed")
    )
    names = [name for name, _ in functape.train.list_variables(tmp_path / "killed" / "checkpoints")][1:]
    for name in names:
        np.testing.assert_array_equal(first.get_tensor(name), second.get_tensor(name), err_msg=name)
    assert (tmp_path / "killed" / "curves.png").stat().st_size > 5000
    assert len(list((tmp_path / "killed" / "logs").glob("events.out.tfevents.*"))) == 2
