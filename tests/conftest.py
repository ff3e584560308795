"""Scripts that made reference values need the programs they ran; they are no tests."""

collect_ignore_glob = ["reference/*/make.py"]
