"""The documentation site: pages in Markdown, the API from docstrings, the data dictionary from the data themselves."""

import ast
import re
from collections.abc import Iterable
from pathlib import Path

from sphinx.application import Sphinx

import yrdspatial
from yrdspatial.datasets import list_datasets, read_toml

HERE = Path(__file__).parent
FOLDERS = {
    "geography": "Where",
    "panel": "What we observe",
    "rail": "How far",
    "weights": "Who is a neighbour",
    "industry": "Who does what",
    "integration": "How one the market is",
    "autocorrelation": "Does it cluster",
    "models": "Does it spill over",
    "flows": "Who sends what to whom",
    "treatment": "Did the opening do it",
    "choice": "Which weights, which specification",
    "replication": "Is the paper right",
}

project = "yrdspatial"
author = "The yrdspatial developers"
project_copyright = "2026, the yrdspatial developers"
version = release = yrdspatial.__version__
extensions = ["sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.mathjax", "myst_parser"]
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
napoleon_use_rtype = False
napoleon_use_ivar = True
autodoc_typehints = "none"
exclude_patterns = ["_build"]
html_theme = "pydata_sphinx_theme"
html_theme_options = {"show_toc_level": 2, "navigation_with_keys": False}
html_show_sourcelink = False
suppress_warnings = ["myst.header"]

MARKED = re.compile(r"(``.*?``|:\w+:`.*?`|`.*?`)")
SPECIAL = re.compile(r"(?<![\\\w])\*+(?=\s|,|\.|:|$)|\||(?<=\w)_(?!\w)")


def public_names() -> dict[str, list[str]]:
    """Read the public names by folder from the list in ``__init__.pyi``."""
    stub = ast.parse((Path(yrdspatial.__file__).parent / "__init__.pyi").read_text("utf-8"))
    names: dict[str, list[str]] = {folder: [] for folder in FOLDERS}
    for node in stub.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            names.setdefault(node.module.split(".")[0], []).extend(name.name for name in node.names)
    return names


def api_page() -> str:
    """Write the page of the public names, folder by folder."""
    lines = [
        "# API",
        "",
        "Every public name, as `import yrdspatial as yrd` gives it; errors are in `yrd.errors`.",
        "",
    ]
    for folder, names in public_names().items():
        lines += [f"## {FOLDERS.get(folder, folder)}", "", "```{eval-rst}"]
        for name in names:
            kind = "autoclass" if isinstance(getattr(yrdspatial, name), type) else "autofunction"
            members = ["   :members:"] if kind == "autoclass" else []
            lines += [f".. {kind}:: yrdspatial.{name}", *members, ""]
        lines += ["```", ""]
    return "\n".join(lines)


def cell(text: object) -> str:
    """Make a text fit a cell of a Markdown table."""
    return str(text).replace("|", "/").replace("\n", " ").replace("*", "\\*")


def table(title: str, heads: tuple[str, ...], rows: Iterable[Iterable[object]]) -> list[str]:
    """Write a Markdown table under a heading."""
    lines = [f"## {title}", "", "| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return [*lines, *("| " + " | ".join(map(cell, row)) + " |" for row in rows), ""]


def data_page() -> str:
    """Write the data dictionary: columns of the panel, files with their sources and terms."""
    columns = read_toml("panels/yrd/columns.toml")["columns"]
    keys = ("title_zh", "title_en", "unit", "kind", "note")
    entries = ((f"`{name}`", *(entry.get(key, "") for key in keys)) for name, entry in columns.items())
    files = list_datasets()[["title", "producer", "citation", "terms"]]
    listed = ((f"`{name}`", *row) for name, row in zip(files.index, files.to_numpy(), strict=True))
    return "\n".join(
        [
            "# Data dictionary",
            "",
            *table("Columns of the panel", ("column", "中文", "title", "unit", "kind", "note"), entries),
            *table("Files, sources and terms", ("file", "title", "producer", "citation", "terms"), listed),
        ]
    )


def write_pages(_app: object) -> None:
    """Write the generated pages before Sphinx reads the folder."""
    (HERE / "api.md").write_text(api_page(), "utf-8")
    (HERE / "dictionary.md").write_text(data_page(), "utf-8")


def keep_formulas(
    _app: object, _what: str, _name: str, _obj: object, _options: object, lines: list[str]
) -> None:
    """Keep |x|, stars and trailing underscores of formulas in running text as they are written."""
    for position, line in enumerate(lines):
        if not line.lstrip().startswith((">>>", "...")):
            parts = MARKED.split(line)
            parts[::2] = [SPECIAL.sub(r"\\\g<0>", part) for part in parts[::2]]
            lines[position] = "".join(parts)


def setup(app: Sphinx) -> None:
    """Hook the generated pages into the build."""
    app.connect("builder-inited", write_pages)
    app.connect("autodoc-process-docstring", keep_formulas, priority=1)
