"""Does every original table load, and do damaged ones never harm: the reader of yearbooks on a folder of your own.

Run ``python benchmarks/yearbooks.py FOLDER``: FOLDER holds one folder an edition, called after it (``2023``), with its
tables as xlsx, xls, csv or html. Every table is read and every figure of the 41 cities compared with the panel: equal
within the printed rounding, within half a per cent (another vintage), or apart. ``--mutants 2000`` changes the tables
at random instead: what keeps the labels must give the same figures, what a rule can see must be reported with its
place, nothing may fail otherwise, and nothing on disk may change; about half a second each. ``--rows 1000000`` makes
one sheet of that many rows and measures time and memory. Counts go to ``benchmarks/results/yearbooks.json``.
"""

import argparse
import csv
import json
import math
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd

import yrdspatial as yrd
from yrdspatial.errors import DataError
from yrdspatial.panel.yearbooks.files import read_sheets
from yrdspatial.panel.yearbooks.layout import find_blocks
from yrdspatial.panel.yearbooks.places import find_place

RESULTS = Path(__file__).parent / "results" / "yearbooks.json"
SUFFIXES = {".xlsx", ".xls", ".csv", ".html", ".htm"}
Grid = list[list[Any]]


def editions(folder: Path) -> dict[int, list[Path]]:
    """Return the tables by edition."""
    found = {int(path.name): path for path in folder.iterdir() if path.is_dir() and path.name.isdigit()}
    return {
        edition: sorted(file for file in found[edition].rglob("*") if file.suffix.lower() in SUFFIXES)
        for edition in sorted(found)
    }


def compare(table: yrd.YearbookTable, panel: pd.Series) -> pd.DataFrame:
    """Return how the figures of whole cities stand to those of the panel, one row a variable."""
    values = table.values.assign(step=table.steps)  # noqa: PD011
    values = values[(values["scope"] == "total") & values["value"].notna()]
    keys = pd.MultiIndex.from_frame(values[["adcode", "year", "variable"]])
    known = panel.reindex(keys).to_numpy()
    gap = (values["value"].to_numpy() - known) / np.where(known == 0, 1, known)
    close = np.abs(values["value"].to_numpy() - known) <= 0.5001 * values["step"].to_numpy() + 1e-9
    state = np.select(
        [np.isnan(known), close, np.abs(gap) <= 0.005],
        ["not in the panel", "equal", "another vintage"],
        "apart",
    )
    counts = pd.crosstab(values["variable"].to_numpy(), state)
    return counts.assign(
        largest=pd.Series(np.abs(gap), index=values["variable"].to_numpy()).groupby(level=0).max()
    )


def load_all(tables: dict[int, list[Path]]) -> dict[str, Any]:
    """Read every table of every edition and print how it stands to the panel."""
    panel = yrd.load_panel().frame.melt(ignore_index=False).set_index("variable", append=True)["value"]
    report: dict[str, Any] = {}
    for edition, files in tables.items():
        for paths in [[file] for file in files] + [files]:
            table = yrd.read_yearbook(paths, year=edition - 1)
            name = f"{edition}: {paths[0].name if len(paths) == 1 else 'all together'}"
            severities = table.problems["severity"].value_counts().to_dict()
            counts, cities = compare(table, panel), len({key[0] for key in figures(table)})
            print(f"\n{name}: {cities} cities, {len(table.steps)} figures, {severities}")
            print(counts.to_string() if len(counts) else "  no row for the 41 cities")
            for row in table.problems[table.problems["severity"] != "note"].itertuples():
                print(f"  {row.severity}: row {row.row} {row.column}: {row.text}")
            sums = counts.drop(columns="largest", errors="ignore").sum().to_dict()
            report[name] = {"problems": severities, "figures": sums}
    return report


class Original:
    """One original sheet as a grid with merged texts filled in, and where its parts are."""

    def __init__(self, path: Path, year: int) -> None:
        sheet = read_sheets(path)[0]
        self.path, self.year = path, year
        self.grid = sheet.filled()
        self.block = find_blocks(sheet, self.grid)[0]
        self.top = self.block.body[0]
        self.rows = [row for row in self.block.body if self.code(row)]
        table = yrd.read_yearbook(path, year=year)
        self.figures = figures(table)
        self.errors = problems(table)

    def code(self, row: int) -> int:
        """Return the code of the city in a row, 0 for another."""
        place = find_place(self.grid[row][self.block.names[0]])
        return place.code if place is not None and place.kind == "unit" else 0

    def copy(self) -> Grid:
        """Return a copy of the grid."""
        return [list(row) for row in self.grid]


def figures(table: yrd.YearbookTable) -> dict[tuple[Any, ...], float]:
    """Return the figures by city, year, variable and scope, gaps left out."""
    rows = table.values[table.values["value"].notna()]  # noqa: PD011
    return {(r.adcode, r.year, r.variable, r.scope): r.value for r in rows.itertuples()}


def problems(table: yrd.YearbookTable) -> Counter[str]:
    """Return the errors and warnings."""
    return Counter(table.problems.loc[table.problems["severity"] != "note", "text"])


# changes that keep the labels: (original, random numbers) -> grid


def shuffle_rows(original: Original, rng: np.random.Generator) -> Grid:
    """Put the rows below the header into another order."""
    grid = original.copy()
    body = [grid[row] for row in original.block.body]
    return grid[: original.top] + [body[place] for place in rng.permutation(len(body))]


def shuffle_columns(original: Original, rng: np.random.Generator) -> Grid:
    """Put the columns into another order."""
    order = rng.permutation(len(original.grid[0]))
    return [[row[place] for place in order] for row in original.copy()]


def drop_others(original: Original, rng: np.random.Generator) -> Grid:
    """Leave out some rows of other cities and provinces."""
    keep = rng.random(len(original.grid)) < 0.5
    return [
        row
        for place, row in enumerate(original.copy())
        if place < original.top or place in original.rows or keep[place]
    ]


def insert_blanks(original: Original, rng: np.random.Generator) -> Grid:
    """Put blank rows in between."""
    grid = original.copy()
    for place in sorted(rng.integers(original.top, len(grid), 5).tolist(), reverse=True):
        grid.insert(place, [""] * len(grid[0]))
    return grid


def _rewritten(original: Original, rng: np.random.Generator, write: Callable[[float], str]) -> Grid:
    grid = original.copy()
    for row in original.rows:
        for column in original.block.columns:
            if isinstance(grid[row][column], float) and rng.random() < 0.5:
                grid[row][column] = write(grid[row][column])
    return grid


def full_width(original: Original, rng: np.random.Generator) -> Grid:
    """Write figures in full-width digits."""
    wide = str.maketrans("0123456789.-", "０１２３４５６７８９．－")
    return _rewritten(original, rng, lambda value: f"{value:.12g}".translate(wide))


def thousands(original: Original, rng: np.random.Generator) -> Grid:
    """Write figures with thousands marks, spaces, or U+2212."""
    return _rewritten(
        original, rng, lambda value: f"{value:,}".replace(",", rng.choice([",", " ", "，"])).replace("-", "−")
    )


def spell_names(original: Original, rng: np.random.Generator) -> Grid:
    """Write names with spaces, footnote marks, or without 市."""
    grid = original.copy()
    name = original.block.names[0]
    for row in original.rows:
        text = str(grid[row][name]).strip()
        grid[row][name] = rng.choice(
            [" ".join(text), text.removesuffix("市"), f"{text}①", f"\u3000{text}", str(original.code(row))]
        )
    return grid


def repeat_header(original: Original, rng: np.random.Generator) -> Grid:
    """Break the table into two pages with the header repeated."""
    grid = original.copy()
    header = [list(grid[row]) for row in original.block.header]
    place = int(rng.choice(original.rows))
    again = [["续表", *[""] * (len(grid[0]) - 1)], *header]
    return grid[:place] + again + grid[place:]


def side_by_side(original: Original, rng: np.random.Generator) -> Grid:
    """Put the second half of the rows beside the first."""
    grid = original.copy()
    head, body = grid[: original.top], [grid[row] for row in original.block.body]
    half = original.block.body.index(int(rng.choice(original.rows[5:-5])))
    blank = [""] * len(grid[0])
    left, right = body[:half], body[half:]
    size = max(len(left), len(right))
    left, right = left + [blank] * (size - len(left)), right + [blank] * (size - len(right))
    return [row + row for row in head] + [a + b for a, b in zip(left, right, strict=True)]


def turn(original: Original, rng: np.random.Generator) -> Grid:
    """Put the cities into columns."""
    grid = original.copy()
    start = min(original.block.header, default=original.top)
    keep = [[*row, *[""] * (len(grid) - start)] for row in grid[:start]]
    turned = [list(column) for column in zip(*grid[start:], strict=True)]
    turned = [row for row in turned if any(cell != "" for cell in row)]
    width = max(map(len, keep + turned))
    del rng
    return [row + [""] * (width - len(row)) for row in keep + turned]


def notes(original: Original, rng: np.random.Generator) -> Grid:
    """Add notes below."""
    width = len(original.grid[0]) - 1
    texts = rng.permutation(
        ["注：本表按当年价格计算。", "资料来源：各市统计局。", "Note: at current prices."]
    )
    return original.copy() + [[str(text), *[""] * width] for text in texts]


# changes that a rule can see: (original, random numbers) -> grid, city code or 0


def drop_city(original: Original, rng: np.random.Generator) -> tuple[Grid, int]:
    """Leave out one of the 41 cities."""
    row = int(rng.choice(original.rows))
    return [cells for place, cells in enumerate(original.copy()) if place != row], original.code(row)


def double_city(original: Original, rng: np.random.Generator) -> tuple[Grid, int]:
    """Put one of the 41 cities there twice, with other figures."""
    grid, row = original.copy(), int(rng.choice(original.rows))
    twice = [cell * 1.5 + 1 if isinstance(cell, float) else cell for cell in grid[row]]
    return [*grid[: row + 1], twice, *grid[row + 1 :]], original.code(row)


def garbage(original: Original, rng: np.random.Generator) -> tuple[Grid, int]:
    """Write what is no figure into a cell."""
    grid, row = original.copy(), int(rng.choice(original.rows))
    column = int(rng.choice(original.block.columns))
    grid[row][column] = str(
        rng.choice(["135OOO", "l2.5", "12.3.4", "见上", "\ufffd\ufffd", "2)604", "=", "1e999"])
    )
    return grid, original.code(row)


def wrong_name(original: Original, rng: np.random.Generator) -> tuple[Grid, int]:
    """Give a row the English name of another city."""
    grid, (row, other) = original.copy(), rng.choice(original.rows, 2, replace=False).tolist()
    if len(original.block.names) < 2:
        return drop_city(original, rng)
    zh, en = original.block.names[:2]
    grid[row][zh], grid[row][en] = grid[row][zh], "Wenzhou" if original.code(row) != 330300 else "Hefei"
    del other
    return grid, original.code(row)


def slip(original: Original, rng: np.random.Generator) -> tuple[Grid, int]:
    """Move one figure by four digits."""
    grid, row = original.copy(), int(rng.choice(original.rows))
    columns = [column for column in original.block.columns if isinstance(grid[row][column], float)]
    if not columns:
        return drop_city(original, rng)
    grid[row][columns[0]] = grid[row][columns[0]] * 1e4 + 1e4
    return grid, original.code(row)


def other_unit(original: Original, rng: np.random.Generator) -> tuple[Grid, int]:
    """Print another unit than the figures have."""
    grid = original.copy()
    swaps = {
        "亿元": "万元",
        "万元": "亿元",
        "万人": "人",
        "（人）": "（万人）",
        "％": "万元",
        "%": "亿元",
        "(元)": "(万元)",
    }
    cells = [(row, column) for row in range(original.top) for column in range(len(grid[0]))]
    present = [old for old in swaps if any(old in str(grid[row][column]) for row, column in cells)]
    if not present:
        return drop_city(original, rng)
    old = str(rng.choice(present))
    for row, column in cells:
        grid[row][column] = str(grid[row][column]).replace(old, swaps[old])
    return grid, 0


def exchange(original: Original, rng: np.random.Generator) -> tuple[Grid, int]:
    """Give Shanghai the figures of another city, and that city those of Shanghai."""
    grid = original.copy()
    shanghai = next(row for row in original.rows if original.code(row) == 310000)
    other = int(rng.choice([row for row in original.rows if row != shanghai]))
    for column in original.block.columns:
        grid[shanghai][column], grid[other][column] = grid[other][column], grid[shanghai][column]
    return grid, 310000


def formula(original: Original, rng: np.random.Generator) -> tuple[Grid, int]:
    """Write a formula that was never computed into a cell."""
    grid, row = original.copy(), int(rng.choice(original.rows))
    grid[row][int(rng.choice(original.block.columns))] = "=SUM(A1:A2)"
    return grid, original.code(row)


KEEPING = [
    shuffle_rows,
    shuffle_columns,
    drop_others,
    insert_blanks,
    full_width,
    thousands,
    spell_names,
    repeat_header,
    side_by_side,
    turn,
    notes,
]
VISIBLE = [drop_city, double_city, garbage, wrong_name, slip, other_unit, exchange, formula]


def write(grid: Grid, folder: Path, rng: np.random.Generator) -> Path:
    """Write a grid as a file of a random kind."""
    kind = str(rng.choice(["xlsx", "csv", "gbk", "bom", "html"]))
    path = folder / f"mutant.{kind if kind in {'xlsx', 'html'} else 'csv'}"
    if kind == "xlsx":
        book = openpyxl.Workbook(write_only=True)
        page = book.create_sheet("mutant")
        for row in grid:
            page.append([f"'{cell}" if cell == "=" else cell if cell != "" else None for cell in row])
        book.save(path)
    elif kind == "html":
        cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in grid)
        path.write_text(f"<table>{cells}</table>", "utf-8")
    else:
        encoding = {"csv": "utf-8", "gbk": "gb18030", "bom": "utf-8-sig"}[kind]
        with path.open("w", encoding=encoding, newline="") as stream:
            csv.writer(stream).writerows(grid)
    return path


def same(found: dict[tuple[Any, ...], float], expected: dict[tuple[Any, ...], float]) -> bool:
    """Say whether two readings have the same figures."""
    return found.keys() == expected.keys() and all(
        math.isclose(found[key], expected[key], rel_tol=1e-9, abs_tol=1e-12) for key in expected
    )


def mutate(originals: list[Original], count: int, seed: int) -> dict[str, Any]:
    """Read `count` changed tables and count what became of them."""
    rng = np.random.default_rng(seed)
    outcome: Counter[str] = Counter()
    failures: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(count):
            original = originals[int(rng.integers(len(originals)))]
            said = one_mutant(original, Path(name), rng)
            outcome[said] += 1
            if said.startswith("FAILED"):
                failures.append(f"{number}: {original.path.name}: {said}")
            progress(number + 1, count)
    for line in failures[:60]:
        print(line)
    return dict(sorted(outcome.items()))


def one_mutant(original: Original, folder: Path, rng: np.random.Generator) -> str:
    """Make one mutant, read it, and say what became of it."""
    kind = rng.random()
    if kind < 0.1:
        return truncated(original, folder, rng)
    change: Any = rng.choice(np.array(KEEPING if kind < 0.55 else VISIBLE, dtype=object))
    made = change(original, rng)
    grid, code = made if isinstance(made, tuple) else (made, 0)
    path = write(grid, folder, rng)
    before = path.read_bytes()
    try:
        table = yrd.read_yearbook(path, year=original.year)
    except Exception as error:
        return f"FAILED {change.__name__} ({path.suffix}): {type(error).__name__}: {error}"
    if path.read_bytes() != before or len(list(folder.iterdir())) != 1:
        return f"FAILED {change.__name__}: a change on disk"
    path.unlink()
    if change in KEEPING:
        if same(figures(table), original.figures):
            return f"same: {change.__name__}"
        return f"FAILED {change.__name__} ({path.suffix}): other figures"
    return seen(original, table, change.__name__, code, path, grid, rng)


def seen(
    original: Original, table: yrd.YearbookTable, name: str, code: int, path: Path, grid: Grid, rng: Any
) -> str:
    """Say whether a change was reported with its place, by the reader or by the check of the year."""
    new = problems(table) - original.errors
    city = yrd.load_units()["name_en"].get(code, "")
    if new and (not code or any(city in text or str(code) in text for text in new) or name == "formula"):
        return f"reported by the reader: {name}"
    write(grid, path.parent, rng)
    again = next(path.parent.iterdir())
    report = yrd.check_year(again, year=original.year)
    again.unlink()
    found = report.problems[report.problems["severity"] != "note"]
    place = (
        found["unit"].astype(str).str.contains(str(code))
        if code
        else found["rule"].str.contains("slip|range|jump|identity|vintage|unit|read")
    )
    if place.any():
        return f"reported by the check: {name}"
    if new:
        return f"reported by the reader: {name}"
    before = yrd.load_panel().frame.columns.intersection({key[2] for key in original.figures})
    if name == "exchange" and before.empty:
        return "no rule can see it: exchange of figures of which the panel has no year"
    return f"FAILED {name} ({path.suffix}): not seen"


def truncated(original: Original, folder: Path, rng: np.random.Generator) -> str:
    """Cut the file off at a random byte."""
    data = original.path.read_bytes()
    path = folder / f"cut{original.path.suffix}"
    path.write_bytes(data[: int(rng.integers(0, len(data)))])
    try:
        table = yrd.read_yearbook(path, year=original.year)
    except DataError:
        return "refused: truncated"
    except Exception as error:
        return f"FAILED truncated: {type(error).__name__}: {error}"
    finally:
        path.unlink()
    return "reported: truncated" if len(table.problems) else "FAILED truncated: not seen"


def progress(done: int, count: int) -> None:
    """Show progress on a terminal."""
    if sys.stderr.isatty():
        print(f"\r{done} of {count}", end="" if done < count else "\n", file=sys.stderr)


def long_sheet(original: Original, count: int) -> dict[str, Any]:
    """Read one sheet of `count` rows as xlsx and csv; peak memory is of the whole process."""
    report = {}
    filler = ["某市", "Nowhere", *range(len(original.grid[0]) - 2)]
    for suffix in ("csv", "xlsx"):
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / f"long.{suffix}"
            rows: Iterator[list[Any]] = (
                original.grid[place] if place < len(original.grid) else filler for place in range(count)
            )
            if suffix == "csv":
                with path.open("w", encoding="utf-8", newline="") as stream:
                    csv.writer(stream).writerows(rows)
            else:
                book = openpyxl.Workbook(write_only=True)
                page = book.create_sheet("long")
                for row in rows:
                    page.append([cell if cell != "" else None for cell in row])
                book.save(path)
            start = time.process_time()
            table = yrd.read_yearbook(path, year=original.year)
            seconds = time.process_time() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ok = same(figures(table), original.figures)
        report[suffix] = {"rows": count, "seconds": round(seconds, 1), "peak_mb": round(peak), "same": ok}
        print(suffix, report[suffix])
    return report


def main() -> None:
    """Run what is asked for and write the counts."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mutants", type=int, default=0)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--seed", type=int, default=20261124)
    asked = parser.parse_args()
    tables = editions(asked.folder)
    results = json.loads(RESULTS.read_text("utf-8")) if RESULTS.is_file() else {}
    originals = []
    if asked.mutants or asked.rows:
        every = [(path, edition - 1) for edition, files in tables.items() for path in files]
        originals = [
            Original(path, year) for path, year in every if len(yrd.read_yearbook(path, year=year).values)
        ]
    if asked.mutants:
        results["mutants"] = mutate(originals, asked.mutants, asked.seed)
        print(json.dumps(results["mutants"], indent=1))
    if asked.rows:
        results["long"] = long_sheet(originals[0], asked.rows)
    if not originals:
        results["tables"] = load_all(tables)
    RESULTS.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
