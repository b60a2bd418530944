"""`python -m femtdgl`."""

from femtdgl.cli import main

main()
