"""The command line.  Heavy imports stand inside the commands, so that `femtdgl --help` is quick."""

from femtdgl.cli import pictures as pictures
from femtdgl.cli import runs as runs
from femtdgl.cli import shelf as shelf
from femtdgl.cli.frame import app as app
from femtdgl.cli.frame import main as main
