"""A stage is computed when first asked for; another option, or other data it looks at, makes it anew."""

import pandas as pd
import pytest

from yrdspatial import datasets
from yrdspatial.replication import pipeline, stages
from yrdspatial.replication.cache import Cache
from yrdspatial.replication.stages import FOR_CLAIMS, OF_ALL_DATA, Stages, measures_to_test
from yrdspatial.replication.study import open_study
from yrdspatial.tables.speech import speaking


@pytest.fixture
def make(study, tmp_path):
    """Make stages that share one cache."""

    def made(*, seed=7, permutations=99, data_dir=None):
        return Stages(study, seed, permutations, data_dir, Cache(tmp_path / "cache"))

    return made


@pytest.fixture
def calls(monkeypatch, measures, clustering, spillovers, claims):
    """Let the stages be computed at once, and count."""
    found = []
    outcomes = {
        "measure_specialization": measures,
        "measure_clustering": clustering,
        "estimate_spillovers": spillovers,
        "check_claims": claims,
    }
    for name, outcome in outcomes.items():
        monkeypatch.setattr(
            stages, name, lambda *_, name=name, outcome=outcome, **__: [found.append(name), outcome][1]
        )
    return found


ASKED = ("measures", "clustering", "spillovers", "claims")


def ask(made):
    for name in ASKED:
        getattr(made, name)


def test_nothing_is_computed_before_it_is_asked_for(make, calls):
    made = make()
    assert calls == []
    assert made.spillovers.main
    assert calls == ["estimate_spillovers"]


@pytest.mark.parametrize(
    ("changed", "anew"),
    [
        ({}, set()),
        ({"permutations": 199}, {"measure_clustering"}),
        ({"seed": 8}, {"measure_clustering", "estimate_spillovers", "check_claims"}),
    ],
    ids=["the same", "permutations", "seed"],
)
def test_what_an_option_does_not_touch_is_kept(make, calls, changed, anew):
    ask(make())
    calls.clear()
    ask(make(**changed))
    assert set(calls) == anew


def test_a_table_for_the_claims_touches_only_them(make, calls, add_tables):
    ask(make())
    calls.clear()
    ask(make(data_dir=add_tables({"panels/services/2020.csv": "synthetic"})))
    assert calls == ["check_claims"]


def test_a_new_year_touches_everything(make, calls, synthetic_2023):
    ask(make())
    calls.clear()
    ask(make(data_dir=synthetic_2023))
    assert len(calls) == len(ASKED)


def test_another_program_computes_everything(make, calls, monkeypatch):
    ask(make())
    calls.clear()
    monkeypatch.setattr(stages, "fingerprint_of_program", lambda: "another")
    ask(make())
    assert len(calls) == len(ASKED)


def test_a_kept_stage_is_the_computed_one(make, clustering):
    first, second = make().measures, make().measures
    pd.testing.assert_frame_equal(first.groups, second.groups)
    assert first.groups.attrs == second.groups.attrs
    assert list(measures_to_test(first)) == list(clustering.table["variable"].unique())


def test_the_edition_of_a_chapter_names_all_it_may_depend_on(make, add_tables):
    one = make()
    own = add_tables({"panels/services/2020.csv": "synthetic"})
    with speaking("zh"):
        chinese = one.edition("clustering")
    editions = [
        one.edition("clustering"),
        one.edition("claims"),
        chinese,
        make(seed=8).edition("clustering"),
        make(permutations=199).edition("clustering"),
        make(data_dir=own).edition("claims"),
    ]
    assert len(set(editions)) == len(editions)
    assert make(data_dir=own).edition("clustering") == editions[0]


def test_only_the_claims_look_at_their_folders(monkeypatch, tmp_path):
    """Everything the story reads is in the fingerprint that its chapters are kept by."""
    read = []
    real = datasets.dataset_path

    def watched(name, **options):
        read.append(name)
        return real(name, **options)

    for module in [datasets, *modules_with(real)]:
        monkeypatch.setattr(module, "dataset_path", watched)
    made = Stages(open_study(), 7, 99, None, Cache(tmp_path / "cache"))
    chapters = pipeline.story(made)
    assert any(name.startswith("panels/yrd/") for name in read)
    assert [name for name in read if name.startswith(tuple(f"{folder}/" for folder in FOR_CLAIMS))] == []
    assert not {chapter.key for chapter in chapters} & set(OF_ALL_DATA)


def modules_with(function):
    """Find the modules that took the function by its name."""
    import sys

    return [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("yrdspatial") and getattr(module, function.__name__, None) is function
    ]


def test_measures_to_test_are_named_and_whole(measures):
    found = measures_to_test(measures)
    assert list(found) == [*measures.groups, *measures.value_added, "krugman"]
    pd.testing.assert_series_equal(found["va_tertiary"], measures.value_added["va_tertiary"])
