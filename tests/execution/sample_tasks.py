"""Tasks for the tests, importable by name in any process."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

import numpy as np

from yrdspatial.errors import GapError


class LockedError(Exception):
    """An error that cannot be pickled."""

    def __init__(self, text):
        super().__init__(text)
        self.lock = threading.Lock()


def drawn(seed):
    """Draw from a stream of the task's own."""
    return np.random.default_rng(seed).normal(size=3)


def late(number):
    """Take longer the earlier the task."""
    time.sleep(0.02 * (3 - number % 4))
    return number, os.getpid()


def shifted(offset, number):
    """Add what the function holds."""
    return offset[0] + number


def missing(number):
    """Fail at 3 after a while, at 5 at once."""
    if number in {3, 5}:
        time.sleep(0.3 if number == 3 else 0)
        raise GapError(f"value {number} is missing", where="Hefei", cure="add it")
    return number


def locked(number):
    raise LockedError(f"a{number}")


def unreadable(_):
    return threading.Lock()


def killed_once(task):
    """Kill the own process the first time that task 5 is done."""
    folder, number = task
    mark = Path(folder) / "killed"
    if number == 5 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return drawn(number).tolist()


def killed_always(number):
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def noted(task):
    """Write the process down, then take a while."""
    folder, number = task
    (Path(folder) / f"pid-{os.getpid()}").touch()
    time.sleep(0.3)
    return {"number": number, "draws": drawn(number)}


def number_of(task):
    return str(task[1])


if __name__ == "__main__":
    from yrdspatial.execution.journal import resumed

    folder, workers = sys.argv[1:]
    resumed(noted, [(folder, n) for n in range(60)], folder, key=number_of, workers=int(workers))
