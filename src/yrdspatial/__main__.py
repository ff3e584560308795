"""``python -m yrdspatial`` is the command ``yrd``."""

from yrdspatial.cli import main

main()
