"""A small SYNTHETIC register, clean in no way, as parquet and as csv."""

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "synthetic_register.py"
FIRMS, ROWS_A_FILE = 20_000, 6_000


@pytest.fixture(scope="session")
def synthetic():
    """Import the generator of synthetic registers from benchmarks/."""
    spec = importlib.util.spec_from_file_location("synthetic_register", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def parquet_files(synthetic, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parquet")
    return synthetic.write_register(folder, FIRMS, seed=7, spoil=0.03, rows_a_file=ROWS_A_FILE)


@pytest.fixture(scope="session")
def csv_files(synthetic, tmp_path_factory):
    folder = tmp_path_factory.mktemp("csv")
    return synthetic.write_register(folder, FIRMS, seed=7, spoil=0.03, rows_a_file=ROWS_A_FILE, kind="csv")
