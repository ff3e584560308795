"""How long every industry measure takes on the real panel: 41 units x 17 years x 19 sectors.

Run: ``OPENBLAS_NUM_THREADS=1 python benchmarks/industry.py``. Median of seven runs after a first one, CPU seconds; the
loop column is the same location quotient and Krugman index computed unit by unit and year by year in plain pandas.
"""

import statistics
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

import yrdspatial as yrd

RUNS = 7


def measured(task: Callable[[], object]) -> float:
    """Return the median CPU time of a task in milliseconds, after one run to warm up."""
    task()
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        task()
        times.append(time.process_time() - start)
    return 1000 * statistics.median(times)


def measures(panel: yrd.Panel) -> dict[str, Callable[[], object]]:
    """Return the measures by name, each on all units and years."""
    sets = yrd.sector_sets()
    table = panel.select(columns=sets["sectors_19"], years=range(2003, 2020))
    frame = table.frame
    groups = {name: sets[name] for name in ("manufacturing", "producer_services_5")}
    quotients = yrd.location_quotient(frame, groups=groups)
    share = quotients["producer_services_5"]
    window = {"base": 2013, "end": 2019}
    return {
        "location_quotient, region": lambda: yrd.location_quotient(frame),
        "location_quotient, nation": lambda: yrd.location_quotient(frame, reference="nation"),
        "location_quotient, symmetric": lambda: yrd.location_quotient(frame, form="symmetric"),
        "location_quotient, groups": lambda: yrd.location_quotient(frame, groups=groups),
        "location_quotient, with flags": lambda: yrd.location_quotient(table),
        "krugman_index, total": lambda: yrd.krugman_index(frame, versus="total"),
        "krugman_index, rest": lambda: yrd.krugman_index(frame, versus="rest"),
        "krugman_index, pairs": lambda: yrd.krugman_index(frame, versus="pairs"),
        "krugman_matrix": lambda: yrd.krugman_matrix(frame),
        "hoover_index, units": lambda: yrd.hoover_index(frame, of="units"),
        "hoover_index, sectors": lambda: yrd.hoover_index(frame, of="sectors"),
        "locational_gini, sectors": lambda: yrd.locational_gini(frame),
        "locational_gini, units": lambda: yrd.locational_gini(frame, of="units"),
        "herfindahl": lambda: yrd.herfindahl(frame),
        "entropy": lambda: yrd.entropy(frame),
        "concentration_ratio": lambda: yrd.concentration_ratio(frame),
        "similarity, pairs": lambda: yrd.similarity(frame),
        "similarity, mean": lambda: yrd.similarity(frame, against="mean"),
        "coagglomeration": lambda: yrd.coagglomeration(quotients["manufacturing"], share, variant="short"),
        "tiers": lambda: yrd.tiers(share),
        "industrial_transfer": lambda: yrd.industrial_transfer(
            panel, "manufacturing", measure="share_change", **window
        ),
        "windowed_transfer": lambda: yrd.windowed_transfer(panel, "manufacturing"),
        "dynamic_shift_share": lambda: yrd.dynamic_shift_share(frame, **window),
        "gravity_centre": lambda: yrd.gravity_centre(frame["emp_C_manufacturing"]),
        "standard_deviational_ellipse": lambda: yrd.standard_deviational_ellipse(
            frame["emp_C_manufacturing"]
        ),
        "theil": lambda: yrd.theil(frame["emp_C_manufacturing"]),
    }


def loops(frame: pd.DataFrame) -> dict[str, Callable[[], object]]:
    """Return two measures in loops over units and years, as a spreadsheet user writes them."""

    def quotient() -> list[pd.Series]:
        years = {year: part.droplevel("year") for year, part in frame.groupby("year")}
        return [
            (part.loc[unit] / part.loc[unit].sum()) / (part.sum() / part.to_numpy().sum())
            for part in years.values()
            for unit in part.index
        ]

    def krugman() -> list[float]:
        years = {year: part.droplevel("year") for year, part in frame.groupby("year")}
        found = []
        for part in years.values():
            for unit in part.index:
                rest = part.drop(unit).sum()
                found.append(float(np.abs(part.loc[unit] / part.loc[unit].sum() - rest / rest.sum()).sum()))
        return found

    return {"location_quotient, region": quotient, "krugman_index, rest": krugman}


def main() -> None:
    """Print one line a measure."""
    panel = yrd.load_panel()
    frame = panel.select(columns=yrd.sector_sets()["sectors_19"], years=range(2003, 2020)).frame
    slow = {name: measured(task) for name, task in loops(frame).items()}
    total = 0.0
    for name, task in measures(panel).items():
        taken = measured(task)
        total += taken
        beside = f"   loop {slow[name]:8.1f} ms, {slow[name] / taken:5.0f} times" if name in slow else ""
        print(f"{name:32s} {taken:8.2f} ms{beside}")
    print(f"{'all ' + str(len(measures(panel))):32s} {total:8.2f} ms")


if __name__ == "__main__":
    main()
