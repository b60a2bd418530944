"""What the docs print is what the program has."""

import subprocess
import sys

from conftest import PROBLEMS


def test_tables_of_the_docs_are_those_of_the_program():
    command = [sys.executable, "docs/tables.py", "--check"]
    done = subprocess.run(command, cwd=PROBLEMS.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
