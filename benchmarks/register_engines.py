"""Which engine reads a register: DuckDB or polars, the same work on the same SYNTHETIC files, one thread each.

Run: ``python benchmarks/register_engines.py FOLDER`` with ``*.parquet`` and ``*.csv`` of ``synthetic_register.py``
inside (needs duckdb, which the package does not). Reads identifiers, coordinates, codes, three dates in three formats
and capital in blocks of 250,000 rows; each run is a process of its own. Results: ``results/register_engines.json``.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "register_engines.json"
FORMATS, DATES, BLOCK = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d"), ("opened", "closed", "moved"), 250_000
BAD = -999_999


def by_duckdb(path: Path) -> Iterator[list[Any]]:
    """Yield blocks of dates and capital as DuckDB reads them."""
    import duckdb

    days = [
        f"coalesce(try_strptime({name}::varchar, {list(FORMATS)})::date - date '1970-01-01', {BAD}) {name}"
        for name in DATES
    ]
    capital = "coalesce(try_cast(round(try_cast(capital as double) * 1000000) as bigint), -1) capital"
    numbers = [f"try_cast({name} as double) {name}" for name in ("lon", "lat", "previous_unit")]
    parts = ["hash(firm) firm", "hash(parent) parent", "industry", *numbers, *days, capital]
    source = (
        f"read_parquet('{path}')"
        if path.suffix == ".parquet"
        else f"read_csv('{path}', all_varchar=true, header=true)"
    )
    connection = duckdb.connect()
    connection.execute("set threads=1; set memory_limit='1GB'")
    for batch in connection.execute(f"select {', '.join(parts)} from {source}").to_arrow_reader(BLOCK):
        yield [batch[name].to_numpy(zero_copy_only=False) for name in (*DATES, "capital")]


def by_polars(path: Path) -> Iterator[list[Any]]:
    """Yield blocks of dates and capital as polars reads them."""
    import polars as pl

    def day(name: str) -> Any:
        parsed = [pl.col(name).str.to_date(pattern, strict=False) for pattern in FORMATS]
        return pl.coalesce(parsed).cast(pl.Int32).fill_null(BAD)

    capital = (pl.col("capital").cast(pl.Float64, strict=False) * 1e6).round().cast(pl.Int64, strict=False)
    numbers = [pl.col(name).cast(pl.Float64, strict=False) for name in ("lon", "lat", "previous_unit")]
    parts = [
        pl.col("firm").hash(),
        pl.col("parent").hash(),
        "industry",
        *numbers,
        *map(day, DATES),
        capital.fill_null(-1),
    ]
    if path.suffix == ".csv":
        frames = (
            pl.scan_csv(path, infer_schema=False)
            .select(parts)
            .collect_batches(chunk_size=BLOCK, maintain_order=True)
        )
    else:
        rows = pl.scan_parquet(path).select(pl.len()).collect().item()
        frames = (
            pl.scan_parquet(path).slice(start, BLOCK).select(parts).collect()
            for start in range(0, rows, BLOCK)
        )
    for frame in frames:
        yield [frame[name].to_numpy() for name in (*DATES, "capital")]


def run(engine: str, kind: str, folder: Path) -> dict[str, Any]:
    """Read all files of a kind in this process."""
    read = {"duckdb": by_duckdb, "polars": by_polars}[engine]
    start, rows, sums = time.perf_counter(), 0, [0, 0, 0, 0]
    for path in sorted(folder.glob(f"*.{kind}")):
        for columns in read(path):
            rows += len(columns[0])
            sums = [total + int(column.sum()) for total, column in zip(sums, columns, strict=True)]
    return {
        "engine": engine,
        "kind": kind,
        "rows": rows,
        "cpu_seconds": round(time.process_time(), 2),
        "seconds": round(time.perf_counter() - start, 2),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "sums": sums,
    }


def main(folder: str) -> None:
    """Run each engine on each kind of file, three times; keep the fastest by CPU time."""
    rows = []
    for kind in ("parquet", "csv"):
        for engine in ("duckdb", "polars"):
            command = [sys.executable, __file__, engine, kind, folder]
            environment = os.environ | {"POLARS_MAX_THREADS": "1"}
            runs = [
                json.loads(
                    subprocess.run(
                        command, check=True, capture_output=True, text=True, env=environment
                    ).stdout
                )
                for _ in range(3)
            ]
            rows.append(min(runs, key=lambda row: row["cpu_seconds"]))
            print(rows[-1])
        if rows[-1]["sums"] != rows[-2]["sums"]:
            sys.exit("the engines read different numbers")
    RESULTS.write_text(json.dumps({"rows": rows}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        main(sys.argv[1])
    else:
        print(json.dumps(run(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
