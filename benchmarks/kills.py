"""Kill ``add_year(write=True)`` at random moments and look whether the data folder is whole and the next run works.

The figures are the shipped ones of 2022 in a made-up layout, as if they were of 2023; a revision of them, a tenth of
a per cent off, is what the killed process writes. Run ``python benchmarks/kills.py [moments]``: half of the moments
lie anywhere in the run, half in the hundredths of a second in which something is written.
"""

import csv
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import yrdspatial as yrd
from yrdspatial.datasets import verify

COLUMNS = ["gdp", "va_primary", "va_secondary", "va_tertiary"]
WRITER = """
import sys
import yrdspatial as yrd
from yrdspatial.panel import intake
path, folder, narrow = sys.argv[1:]
yrd.load_panel(data_dir=folder)
def tell():
    sys.stdout.write("now\\n")
    sys.stdout.flush()
if narrow == "1":
    land = intake.land
    intake.land = lambda *arguments: (tell(), land(*arguments))[1]
else:
    tell()
yrd.add_year(path, year=2023, data_dir=folder, write=True, vintage="replace")
"""


def write_table(path: Path, figures: pd.DataFrame) -> Path:
    """Write figures as a table in a made-up layout."""
    titles = yrd.load_panel().variables["title_zh"]
    names = yrd.load_units()["name_zh"]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["城市", *(f"{titles[name]}(亿元)" for name in figures)])
        writer.writerows(
            [names[unit], *(f"{value:.2f}" for value in row)] for unit, *row in figures.itertuples()
        )
    return path


def add_up(sectors: pd.DataFrame) -> pd.DataFrame:
    """Put the total before the sectors."""
    return sectors.assign(gdp=sectors.sum(axis=1).round(2))[COLUMNS]


def killed(table: Path, folder: Path, wait: float, *, narrow: bool) -> int:
    """Start the writer, kill it after a wait, and return its exit code."""
    command = [sys.executable, "-c", WRITER, str(table), str(folder), str(int(narrow))]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        return process.wait()


def state(folder: Path, old: pd.DataFrame, new: pd.DataFrame) -> str:
    """Return which of the two states a folder is in."""
    assert (verify(folder)["status"] == "ok").all()
    found = yrd.load_panel(data_dir=folder).frame.xs(2023, level="year")[COLUMNS]
    states = {"old": found.equals(old), "new": found.equals(new)}
    (name,) = [name for name, fits in states.items() if fits]
    return name


def main(moments: int) -> None:
    """Kill, look, run again, and count."""
    rng = np.random.default_rng(20231123)
    shipped = yrd.load_panel().frame.xs(2022, level="year")[COLUMNS[1:]]
    old, new = (add_up((shipped * factor).round(2)) for factor in (1, 1.001))
    counts: dict[tuple[str, str], int] = {}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        base = place / "base"
        base.mkdir()
        first, second = write_table(place / "old.csv", old), write_table(place / "new.csv", new)
        assert yrd.add_year(first, year=2023, data_dir=base, write=True).written
        start = time.perf_counter()
        assert yrd.add_year(second, year=2023, data_dir=base, vintage="replace").ok
        span = time.perf_counter() - start
        for moment in range(moments):
            narrow = moment % 2 == 1
            wait = rng.uniform(0, 0.05 if narrow else 1.3 * span)
            folder = place / "run"
            shutil.copytree(base, folder)
            code = killed(second, folder, wait, narrow=narrow)
            left = len([path for path in folder.rglob(".*") if path.is_file()])
            found = state(folder, old, new)
            key = (found, "killed" if code else "done before the kill")
            counts[key] = counts.get(key, 0) + 1
            counts["left", "hidden parts"] = counts.get(("left", "hidden parts"), 0) + (left > 0)
            assert yrd.add_year(second, year=2023, data_dir=folder, write=True, vintage="replace").ok
            assert state(folder, old, new) == "new"
            assert not [path for path in folder.rglob(".*") if path.is_file()]
            shutil.rmtree(folder)
            print(moment + 1, f"{wait:.4f} s", found, code, flush=True)
    print(f"{moments} moments, a run takes {span:.2f} s:", counts)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
