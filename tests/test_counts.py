"""What the solver does must not grow unseen: counts, not seconds."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_steps_jacobians_iterations_and_memory_stay_below_their_limits():
    program = Path(__file__).parent.parent / "benchmarks" / "counts.py"
    done = subprocess.run([sys.executable, str(program)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
