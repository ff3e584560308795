"""Workers for the tests: this folder on their path, a small cluster."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))


@pytest.fixture(scope="session")
def cluster():
    import dask
    import distributed

    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0", "processes": True}
    patience = {"distributed.comm.timeouts.connect": "5s"}  # what it waits for a worker that was killed
    with dask.config.set(patience), distributed.LocalCluster(**options) as cluster:
        yield cluster
