"""The inputs of the main job: weights recounted from times and borders, and a new year that is one new file."""

import dataclasses
import hashlib

import numpy as np
import pandas as pd
import pytest

from yrdspatial.datasets import dataset_path, format_sources
from yrdspatial.errors import DataError
from yrdspatial.replication.specialization import measure_specialization
from yrdspatial.replication.strands import employment_strand, value_added_strand
from yrdspatial.replication.study import FROZEN_YEAR, open_study, shared_weights
from yrdspatial.weights.contiguity import contiguity_weights

FAMILIES = ("contiguity", "rail", "rail_frozen")
NEIGHBOURS = 5
EXACT = {"rtol": 0, "atol": 1e-12}


def test_the_study_holds_the_delta(study):
    assert study.units.shape[0] == study.shapes.shape[0] == 41
    assert study.provinces.shape[0] == study.units["province_en"].nunique() == 4
    assert study.panel.years == tuple(range(2003, 2023)) == study.times.years
    assert list(study.times.units) == list(study.panel.units) == list(study.units.index)
    assert study.shapes.crs.to_epsg() == study.provinces.crs.to_epsg() == 4326


@pytest.mark.parametrize("field", ["panel", "times", "weights", "rail"])
def test_the_study_does_not_change(study, field):
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(study, field, None)


@pytest.mark.parametrize("name", FAMILIES)
def test_weights_cover_every_year_and_rows_sum_to_one(study, name):
    series = study.weights[name]
    cube = series.array(study.units.index)
    assert series.years == study.panel.years
    assert cube.shape == (20, 41, 41)
    np.testing.assert_allclose(cube.sum(axis=2), 1.0, **EXACT)
    assert not np.diagonal(cube, axis1=1, axis2=2).any()


def test_contiguity_is_that_of_2016_on_in_every_year(study):
    cube = study.weights["contiguity"].array(study.units.index)
    graph = contiguity_weights().adjacency.unstack(fill_value=0.0)
    expected = graph.reindex(study.units.index, axis=0).reindex(study.units.index, axis=1).to_numpy()
    np.testing.assert_allclose(cube, np.broadcast_to(expected, cube.shape), **EXACT)
    links = cube[0] > 0
    assert (links == links.T).all()
    assert links.sum() == 2 * 100


@pytest.mark.parametrize("year", [2003, 2008, 2012, 2016, 2022])
def test_rail_weights_are_the_five_nearest_of_the_year(study, year):
    minutes = study.times.frame(year).to_numpy(copy=True)
    np.fill_diagonal(minutes, np.inf)
    weights = study.weights["rail"].array(study.units.index, [year])[0]
    linked = weights > 0
    assert (linked.sum(axis=1) == NEIGHBOURS).all()
    np.testing.assert_allclose(weights[linked], 1 / NEIGHBOURS, **EXACT)
    farthest = np.where(linked, minutes, -np.inf).max(axis=1)
    nearest_left_out = np.where(linked, np.inf, minutes).min(axis=1)
    assert (farthest <= nearest_left_out).all()


def test_frozen_rail_weights_are_those_of_2008(study):
    frozen = study.weights["rail_frozen"].array(study.units.index)
    then = study.weights["rail"].array(study.units.index, [FROZEN_YEAR])
    np.testing.assert_array_equal(frozen, np.repeat(then, 20, axis=0))


def test_the_network_rewires_the_rail_weights(study):
    rail = study.weights["rail"].array(study.units.index, [2008, 2022])
    assert (rail[0] != rail[1]).any()


def test_weights_of_fewer_years_hold_only_those(study):
    some = shared_weights(study.times, [2010, 2011])
    assert some["contiguity"].years == some["rail_frozen"].years == (2010, 2011)


def test_times_are_of_the_first_of_july(study):
    for year in (2010, 2016):
        day = study.rail.travel_time(f"{year}-07-01", fallback=True).to_numpy()
        np.testing.assert_allclose(study.times.frame(year).to_numpy(), day, rtol=0, atol=1e-9)


def test_a_new_year_reaches_panel_times_and_weights(study_2023):
    assert study_2023.panel.years[-1] == 2023
    assert study_2023.times.years[-1] == 2023
    assert all(study_2023.weights[name].years[-1] == 2023 for name in FAMILIES)


def test_the_figures_of_a_new_year_are_those_of_its_file(study_2023):
    frame = study_2023.panel.frame
    new, copied = (frame.xs(year, level="year") for year in (2023, 2022))
    pd.testing.assert_frame_equal(new, copied)


def test_a_new_year_leaves_the_old_years_alone(study, study_2023):
    old = study_2023.panel.frame.loc[pd.IndexSlice[:, :2022], :]
    pd.testing.assert_frame_equal(old, study.panel.frame)
    np.testing.assert_array_equal(study_2023.times.array[:-1], study.times.array)


def test_trains_of_the_new_year_are_no_slower(study_2023):
    last, before = study_2023.times.array[-1], study_2023.times.array[-2]
    assert np.isfinite(last).all()
    assert (last <= before + 1e-9).all()


def test_a_new_year_extends_the_value_added_strand(study_2023):
    strand = value_added_strand(study_2023.panel, study_2023.times)
    years = strand.data.index.get_level_values("year")
    assert (years.min(), years.max(), len(strand.data)) == (2006, 2023, 41 * 18)
    assert not strand.data.isna().to_numpy().any()


def test_a_new_year_leaves_the_employment_strand_inside_its_windows(study, study_2023):
    before, after = (employment_strand(one.panel, one.times) for one in (study, study_2023))
    pd.testing.assert_frame_equal(before.data, after.data)


def test_a_new_year_extends_the_value_added_quotients(study_2023):
    measures = measure_specialization(study_2023.panel)
    assert measures.value_added.index.unique("year").max() == 2023
    assert measures.groups.index.unique("year").max() == 2019


def test_a_changed_file_in_the_users_folder_is_refused(synthetic_2023, tmp_path):
    own = tmp_path / "own"
    (own / "panels" / "yrd").mkdir(parents=True)
    (own / "sources.toml").write_bytes((synthetic_2023 / "sources.toml").read_bytes())
    changed = (synthetic_2023 / "panels" / "yrd" / "2023.csv").read_bytes() + b"\n"
    (own / "panels" / "yrd" / "2023.csv").write_bytes(changed)
    with pytest.raises(DataError, match=r"changed.*2023\.csv"):
        open_study(own)


def test_railways_in_the_users_folder_are_laid_over_the_shipped_ones(tmp_path, study):
    # synthetic: the shipped lines without those opened from 2011 to mid-2022
    lines = pd.read_csv(dataset_path("rail/lines.csv"))
    own = tmp_path / "rail" / "lines.csv"
    own.parent.mkdir()
    lines[~lines["opened"].between("2011-01-01", "2022-07-01")].to_csv(own, index=False)
    entry = dict.fromkeys(("title", "producer", "citation", "read_at", "terms", "made_by"), "synthetic")
    entry["sha256"] = hashlib.sha256(own.read_bytes()).hexdigest()
    (tmp_path / "sources.toml").write_text(format_sources({"rail/lines.csv": entry}), "utf-8")
    older = open_study(tmp_path)
    early, late = (study.rail.travel_time(day) for day in ("2010-12-31", "2022-07-01"))
    pd.testing.assert_frame_equal(older.times.frame(2022), early, check_names=False)
    assert (early > late).to_numpy().any()
    assert (
        older.weights["rail"].array(years=[2022]).tolist()
        != study.weights["rail"].array(years=[2022]).tolist()
    )


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(DataError, match="no such data folder"):
        open_study(tmp_path / "nowhere")
