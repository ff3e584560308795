"""Write ``data/sources.toml``: the metadata of ``data/build/sources/*.toml`` with the sha256 of every file.

A table of a fragment is named after one file, ``["shapes/units.csv"]``, or after a pattern that stands for several,
``["panels/yrd/[12]*.csv"]``; in a pattern's texts ``{stem}`` becomes the name of the file without its suffix.
What does not fit one to one is left out, named, and makes the script fail.
"""

import hashlib
import sys
import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

from yrdspatial.datasets import FIELDS, files_under, format_sources

DATA = Path(__file__).parents[1]
WRITTEN = FIELDS[:-1]


def read_fragment(path: Path, problems: list[str]) -> dict[str, dict[str, str]]:
    """Return the complete tables of one fragment; note the others in ``problems``."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except ValueError as error:
        problems.append(f"{path.name}: not TOML: {error}")
        return {}
    odd = {name for name, table in tables.items() if sorted(table) != sorted(WRITTEN)}
    problems += [f"{path.name}: {name} must have exactly {', '.join(WRITTEN)}" for name in sorted(odd)]
    return {name: table for name, table in tables.items() if name not in odd}


def read_fragments(folder: Path, problems: list[str]) -> dict[str, dict[str, str]]:
    """Return the tables of all fragments; note those given twice in ``problems``."""
    tables: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.toml")):
        for name, table in read_fragment(path, problems).items():
            if name in tables:
                problems.append(f"{path.name}: {name} has an entry already: keep one")
            tables.setdefault(name, table)
    return tables


def entries(data: Path, problems: list[str]) -> dict[str, dict[str, str]]:
    """Return the full entry of every file that has one; note in ``problems`` what does not fit one to one."""
    tables = read_fragments(data / "build" / "sources", problems)
    used: set[str] = set()
    found = {}
    for name in files_under(data):
        fitting = [key for key in tables if key == name or fnmatchcase(name, key)]
        used.update(fitting)
        if len(fitting) != 1:
            problems.append(
                f"data/{name}: {len(fitting)} entries in data/build/sources, must be one: {fitting}"
            )
            continue
        texts = {field: text.replace("{stem}", Path(name).stem) for field, text in tables[fitting[0]].items()}
        found[name] = texts | {"sha256": hashlib.sha256((data / name).read_bytes()).hexdigest()}
    problems += [f"data/{name}: an entry without a file" for name in sorted(set(tables) - used)]
    return found


def main(data: Path = DATA) -> None:
    """Write ``sources.toml`` of a data folder in one step; end with the problems, if any."""
    problems: list[str] = []
    head = "# Made by data/build/make_sources.py from data/build/sources/*.toml; do not edit.\n\n"
    draft = data / ".sources.toml"
    draft.write_text(head + format_sources(entries(data, problems)), "utf-8")
    draft.replace(data / "sources.toml")
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main()
