"""Last chapter: breaks, flags, sources, versions, seed."""

import hashlib
from importlib.metadata import version

import pytest

from yrdspatial.datasets import dataset_path, list_datasets
from yrdspatial.replication.chapters.provenance import PACKAGES, provenance_chapter, short_sources
from yrdspatial.replication.exhibits import Exhibit
from yrdspatial.report.html import Provenance
from yrdspatial.tables.speech import speaking


@pytest.fixture(scope="module")
def chapter(study):
    return provenance_chapter(study, 7, 199, None)


def table(chapter, key):
    """One table of the chapter."""
    return next(part.frame for part in chapter.parts if isinstance(part, Exhibit) and part.key == key)


def test_seed_permutations_and_versions_are_said(chapter):
    (entries,) = [part.entries for part in chapter.parts if isinstance(part, Provenance)]
    assert entries["command"] == "yrd replicate --seed 7"
    assert (entries["seed"], entries["permutations"]) == ("7", "199")
    assert {name: entries[name] for name in PACKAGES} == {name: version(name) for name in PACKAGES}


def test_every_shipped_file_is_a_source_with_its_hash(chapter):
    sources = table(chapter, "sources").set_index("file")
    assert list(sources.index) == list(list_datasets().index)
    for name in ("shapes/units.csv", "panels/yrd/2022.csv"):
        digest = hashlib.sha256(dataset_path(name).read_bytes()).hexdigest()
        assert sources.loc[name, "sha256"] == digest
        assert table(chapter, "sources-used").set_index("file").loc[name, "sha256"] == digest[:12]


def test_short_sources_keep_four_columns(chapter):
    short = short_sources(table(chapter, "sources"))
    assert list(short) == ["file", "title", "producer", "sha256"]
    assert short["sha256"].str.len().eq(12).all()


def test_breaks_are_those_of_the_panel(study, chapter):
    breaks = table(chapter, "breaks")
    assert len(breaks) == len(study.panel.breaks())
    assert ((breaks["year_from"] == 2012) & (breaks["year_to"] == 2013)).any()


def test_flags_are_counted(study, chapter):
    counts = {}
    for flag in study.panel.flags["flag"]:
        counts[flag] = counts.get(flag, 0) + 1
    flags = table(chapter, "flags")
    assert dict(zip(flags["flag"], flags["values"], strict=True)) == counts
    assert flags["values"].is_monotonic_decreasing


def test_the_users_file_is_a_source(study_2023, synthetic_2023):
    chapter = provenance_chapter(study_2023, 7, 199, synthetic_2023)
    sources = table(chapter, "sources").set_index("file")
    assert sources.loc["panels/yrd/2023.csv", "origin"] == "user"
    assert sources.loc["panels/yrd/2023.csv", "title"] == "synthetic, for a test"


def test_the_command_names_the_language(study):
    with speaking("zh"):
        chapter = provenance_chapter(study, 7, 199, None)
    (entries,) = [part.entries for part in chapter.parts if hasattr(part, "entries")]
    assert entries["命令"] == "yrd replicate --seed 7 --lang zh"
