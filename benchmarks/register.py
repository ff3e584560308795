"""A SYNTHETIC register of 20 million firms to a 41 x 97 x 20 table: here, on two workers, and with one of them killed.

Run: ``python benchmarks/synthetic_register.py register-files 20000000``, then
``python benchmarks/register.py register-files [here|cluster|killed ...]``. Each case runs in a process of its own and
writes its numbers beside the register; the results go to ``benchmarks/results/register.json``. Seconds are wall-clock
on a shared machine; memory is the peak of the resident set of the process, and for workers the largest of the two.
"""

import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import yrdspatial as yrd

RESULTS = Path(__file__).parent / "results" / "register.json"
YEARS = range(2004, 2024)
CASES = ("here", "cluster", "killed")


def fingerprint(register: yrd.FirmRegister) -> str:
    """Return a hash of every number of a register."""
    digest = hashlib.sha256(register.report.to_csv(index=False).encode())
    for arrays in (register.amounts, register.pairs):
        for name, array in sorted(arrays.items()):
            digest.update(name.encode() + array.tobytes())
    return digest.hexdigest()


def worker_peak() -> float:
    """Return the peak memory of a worker in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def on_two_workers(paths: list[Path], *, kill_after: float | None) -> tuple[yrd.FirmRegister, list[float]]:
    """Count on a LocalCluster of two workers, one of them killed on the way if asked."""
    from distributed import Client, LocalCluster

    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit="1.5GB"
    ) as cluster:
        if kill_after is not None:
            victim = cluster.workers[0].pid
            threading.Timer(kill_after, os.kill, (victim, signal.SIGKILL)).start()
        register = yrd.from_register(paths, years=YEARS, scheduler=cluster.scheduler_address)
        with Client(cluster.scheduler_address) as client:
            return register, sorted(client.run(worker_peak).values())


def run(case: str, folder: Path) -> dict[str, Any]:
    """Run one case in this process."""
    paths = sorted(folder.glob("*.parquet"))
    start = time.perf_counter()
    workers: list[float] = []
    if case == "here":
        register = yrd.from_register(paths, years=YEARS)
    else:
        register, workers = on_two_workers(paths, kill_after=30.0 if case == "killed" else None)
    return {
        "case": case,
        "rows": register.rows,
        "firms": register.firms,
        "shape": [len(register.units), len(register.sectors), len(register.years)],
        "seconds": round(time.perf_counter() - start, 1),
        "cpu_seconds_of_this_process": round(time.process_time(), 1),
        "peak_mb": round(worker_peak()),
        "peak_mb_of_workers": [round(peak) for peak in workers],
        "sha256": fingerprint(register),
    }


def main(folder: str, *cases: str) -> None:
    """Run each case in a fresh process; write all results once they are equal."""
    rows = []
    for case in cases or CASES:
        command = [sys.executable, __file__, "--one", case, folder]
        rows.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(rows[-1], flush=True)
        RESULTS.write_text(json.dumps({"rows": rows}, indent=1) + "\n", "utf-8")
    if len({row["sha256"] for row in rows}) > 1:
        sys.exit("the cases differ")


if __name__ == "__main__":
    if sys.argv[1] == "--one":
        print(json.dumps(run(sys.argv[2], Path(sys.argv[3]))))
    else:
        main(*sys.argv[1:])
