"""The budgets of the house, read off the source itself."""

import ast
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = sorted((ROOT / "src" / "yrdspatial").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
MAP = ROOT / "CONTRIBUTING.md"
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def code_lines(node: ast.AST) -> int:
    """Lines of a function without its docstring, blank lines, and comments."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return len({part.lineno for statement in body for part in ast.walk(statement) if hasattr(part, "lineno")})


def functions() -> dict[str, ast.AST]:
    return {
        f"{path.relative_to(ROOT)}:{node.name}": node
        for path in SOURCE
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, FUNCTION)
    }


def test_functions_are_short():
    lengths = {name: code_lines(node) for name, node in functions().items()}
    assert {name: n for name, n in lengths.items() if n > 60} == {}
    assert statistics.median(lengths.values()) <= 12


def test_files_are_short():
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in SOURCE}
    assert {name: n for name, n in lengths.items() if n > 400} == {}


def lines_of_code(path):
    """Lines of a file without blank lines, comments, and docstrings: these are required, and half of the source."""
    text = path.read_text("utf-8")
    documented = {
        line
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTION)) and ast.get_docstring(node) is not None
        for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)
    }
    lines = enumerate(text.splitlines(), 1)
    return sum(bool(line.strip()) and line.strip()[0] != "#" and n not in documented for n, line in lines)


def test_there_is_at_least_as_much_test_as_source():
    assert sum(map(lines_of_code, TESTS)) >= sum(map(lines_of_code, SOURCE))


def map_lines():
    """One line a file: its path and the first line of its docstring."""
    return [
        f"- `{path.relative_to(ROOT)}`: {ast.get_docstring(ast.parse(path.read_text('utf-8'))).splitlines()[0]}"
        for path in SOURCE
        if path.name != "__init__.py"
    ]


def test_the_map_tells_what_every_file_is_for():
    written = MAP.read_text("utf-8").partition("## The map\n\n")[2].splitlines()
    assert written == map_lines(), "run `make map`"


def test_every_public_name_loads():
    code = "import yrdspatial; [getattr(yrdspatial, name) for name in yrdspatial.__all__]"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("command", ["import yrdspatial", "import yrdspatial.cli.main"])
def test_import_is_cheap(command):
    heavy = "{'numba', 'sklearn', 'matplotlib', 'pandas', 'scipy'}"
    code = f"import sys; {command}; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert result.stdout.strip() == "[]"


if __name__ == "__main__":
    head = MAP.read_text("utf-8").partition("## The map\n\n")
    MAP.write_text(head[0] + head[1] + "\n".join(map_lines()) + "\n", "utf-8")
