"""The stages of the main job, run once on the shipped data with 1,999 permutations, and a synthetic year 2023."""

import hashlib
import shutil
from collections import namedtuple

import pytest

from yrdspatial.datasets import FIELDS, dataset_path, format_sources
from yrdspatial.replication.cache import ENVIRONMENT
from yrdspatial.replication.case import Case
from yrdspatial.replication.claims import all_checks, check_claims, load_claims
from yrdspatial.replication.clustering import measure_clustering
from yrdspatial.replication.specialization import measure_specialization
from yrdspatial.replication.spillovers import estimate_spillovers
from yrdspatial.replication.stages import measures_to_test
from yrdspatial.replication.study import open_study

Options = namedtuple("Options", "permutations seed")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Give each test an empty cache: none takes what a test with other stages left, nor touches the user's."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv(ENVIRONMENT, str(folder))
    return folder


@pytest.fixture(scope="session")
def options():
    return Options(permutations=1999, seed=7)


@pytest.fixture(scope="session")
def study():
    return open_study()


@pytest.fixture(scope="session")
def measures(study):
    return measure_specialization(study.panel)


@pytest.fixture(scope="session")
def tested(measures):
    return measures_to_test(measures)


@pytest.fixture(scope="session")
def clustering(study, tested, options):
    return measure_clustering(tested, study.weights, **options._asdict())


@pytest.fixture(scope="session")
def spillovers(study, options):
    return estimate_spillovers(study.panel, study.times, study.weights, seed=options.seed)


def register(folder, name, content):
    """Put a file into a user's data folder and into its sources.toml."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    entry = dict.fromkeys(FIELDS, "synthetic, for a test") | {"sha256": hashlib.sha256(content).hexdigest()}
    (folder / "sources.toml").write_text(format_sources({name: entry}), "utf-8")


@pytest.fixture(scope="session")
def synthetic_2023(tmp_path_factory):
    """Return a user's data folder whose only file is a synthetic 2023: the figures of 2022 once more."""
    folder = tmp_path_factory.mktemp("synthetic-2023")
    register(folder, "panels/yrd/2023.csv", dataset_path("panels/yrd/2022.csv").read_bytes())
    return folder


@pytest.fixture(scope="session")
def study_2023(synthetic_2023):
    return open_study(synthetic_2023)


@pytest.fixture(scope="session")
def case(study):
    return Case(study, seed=7)


@pytest.fixture(scope="session")
def registry():
    return {claim.id: claim for claim in load_claims()}


@pytest.fixture(scope="session")
def judged(case, registry):
    """Every claim with the verdict of its check, before the adjustment over the family."""
    return {name: one.judge(case, registry[name]) for name, one in all_checks().items()}


@pytest.fixture(scope="session")
def claims(study):
    return check_claims(study, seed=7)


def register_all(folder, files):
    """Put several synthetic files into a user's data folder and into its sources.toml."""
    entries = {}
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
        entries[name] = dict.fromkeys(FIELDS, "synthetic, for a test") | {"sha256": digest}
    (folder / "sources.toml").write_text(format_sources(entries), "utf-8")


@pytest.fixture
def add_tables(tmp_path):
    """Return a function that registers synthetic tables in a folder of the user and gives the folder."""

    def add(files):
        shutil.rmtree(tmp_path / "panels", ignore_errors=True)
        register_all(tmp_path, files)
        return tmp_path

    return add


def manufacturing_csv(table):
    """Write a frame units x industries in the schema of panels/manufacturing/<year>.csv."""
    long = (
        table.rename_axis(index="adcode", columns="industry").stack().dropna().rename("value").reset_index()
    )
    return long.assign(
        unit="100m CNY", indicator="output", source="synthetic", flag="", vintage="synthetic"
    ).to_csv(index=False)


def services_csv(table):
    """Write a frame units x branches in the schema of panels/services/<year>.csv."""
    long = table.rename_axis(index="adcode", columns="branch").stack().dropna().rename("value").reset_index()
    return long.assign(unit="100m CNY", source="synthetic", flag="", vintage="synthetic").to_csv(index=False)


@pytest.fixture(scope="session")
def as_manufacturing():
    return manufacturing_csv


@pytest.fixture(scope="session")
def as_services():
    return services_csv
