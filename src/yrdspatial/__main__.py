"""``python -m yrdspatial`` is the command ``yrd``."""

from yrdspatial.cli.main import main

main()
