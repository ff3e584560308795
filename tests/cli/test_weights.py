"""Weights by words: the builders' own numbers, and files of the user."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import yrdspatial as yrd
from yrdspatial.cli.weights import Network, check_network, file_weights, weights_of
from yrdspatial.errors import AlignmentError, DataError, SpecificationError
from yrdspatial.weights.series import as_series

YEARS = [2015, 2016]


@pytest.fixture(scope="module")
def panel():
    return yrd.load_panel().select(columns=["gdp"], years=YEARS)


def dense(weights, panel):
    return as_series(weights, panel.years).array(units=panel.units)


def built(panel, **options):
    network = Network(**options)
    check_network(network)
    return dense(weights_of(network.weights, network, panel, None), panel)


CASES = {
    "contiguity": ({}, yrd.contiguity_weights),
    "contiguity minmax": ({"standardize": "minmax"}, lambda: yrd.contiguity_weights(standardize="minmax")),
    "distance": ({"weights": "distance"}, yrd.distance_weights),
    "distance near": (
        {"weights": "distance", "power": 2.0, "cutoff": 300.0, "k": 4},
        lambda: yrd.distance_weights(power=2.0, cutoff=300.0, k=4),
    ),
    "rail": ({"weights": "rail"}, lambda: yrd.rail_weights(yrd.travel_times(YEARS))),
    "rail tau": (
        {"weights": "rail", "decay": "exponential", "tau": 45.0, "standardize": "common"},
        lambda: yrd.rail_weights(
            yrd.travel_times(YEARS), decay="exponential", tau=45.0, standardize="common"
        ),
    ),
    "rail inverse": (
        {"weights": "rail", "decay": "inverse", "power": 2.0, "access": 30.0, "cutoff": 180.0},
        lambda: yrd.rail_weights(
            yrd.travel_times(YEARS), decay="inverse", power=2.0, access=30.0, cutoff=180.0
        ),
    ),
    "rail frozen": (
        {"weights": "rail", "freeze": 2008, "k": 3},
        lambda: yrd.rail_weights(yrd.travel_times([2008]), k=3)[2008],
    ),
}


@pytest.mark.parametrize(("options", "builder"), CASES.values(), ids=CASES)
def test_weights_are_those_of_the_builder(panel, options, builder):
    np.testing.assert_allclose(built(panel, **options), dense(builder(), panel), rtol=1e-14)


def test_fewer_cities_have_weights_among_themselves(panel):
    few = panel.select(units=["Shanghai", "Suzhou (Jiangsu)", "Wuxi", "Hefei", "Jiaxing"])
    for options in ({}, {"weights": "distance"}, {"weights": "rail", "k": 2}):
        found = built(few, **options)
        assert found.shape == (2, 5, 5)
        sums = found.sum(axis=2)
        assert ((np.abs(sums - 1) < 1e-12) | (sums == 0)).all()
    near = built(few, weights="rail", k=2)
    assert (near > 0).sum(axis=2).tolist() == [[2] * 5] * 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"weights": "friendship"},
            ["no weights are called friendship", "contiguity, distance, rail", ".csv"],
        ),
        ({"weights": "table.txt"}, ["no weights are called table.txt"]),
        ({"tau": 40.0}, ["--tau", "belongs to rail, --decay exponential"]),
        ({"weights": "rail", "tau": 40.0}, ["--tau", "--decay exponential"]),
        ({"weights": "rail", "decay": "exponential", "k": 3}, ["--k", "belongs to distance and rail"]),
        ({"weights": "distance", "freeze": 2008}, ["--freeze", "belongs to rail"]),
        ({"weights": "w.csv", "cutoff": 3.0}, ["--cutoff", "distance and rail"]),
    ],
    ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
)
def test_wrong_words_and_options_are_refused(panel, options, words):
    with pytest.raises(SpecificationError) as caught:
        built(panel, **options)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_options_may_belong_to_another_role():
    check_network(Network(weights="contiguity", error_weights="rail", decay="exponential", tau=20.0))
    check_network(Network(weights="rail", decay="exponential", durbin_weights="distance", k=3))


def test_units_of_no_city_need_a_file():
    own = yrd.Panel.from_frame(pd.DataFrame({"unit": ["a", "b"], "year": 2020, "y": [1.0, 2.0]}))
    with pytest.raises(AlignmentError, match=r"none of the 41 cities \[a, b\]"):
        weights_of("rail", Network(weights="rail"), own, None)


@pytest.fixture(scope="module")
def contiguity():
    return yrd.contiguity_weights()


def square(graph):
    units = graph.unique_ids
    return pd.DataFrame(graph.sparse.toarray(), units, units)


@pytest.mark.parametrize("labels", ["codes", "names"])
def test_a_square_table(tmp_path, panel, contiguity, labels):
    table = square(contiguity)
    if labels == "names":
        table = table.rename(index=yrd.load_units()["name_en"], columns=yrd.load_units()["name_zh"])
    table.sample(frac=1, random_state=1).to_csv(tmp_path / "w.csv")
    found = built(panel, weights=str(tmp_path / "w.csv"))
    np.testing.assert_array_equal(found, dense(contiguity, panel))


def test_pairs_as_the_command_writes_them(tmp_path, panel, contiguity):
    contiguity.adjacency.reset_index().to_csv(tmp_path / "w.csv", index=False)
    np.testing.assert_array_equal(built(panel, weights=str(tmp_path / "w.csv")), dense(contiguity, panel))


def test_pairs_by_year(tmp_path, panel):
    series = yrd.rail_weights(yrd.travel_times(YEARS))
    parts = [series[year].adjacency.reset_index().assign(year=year) for year in YEARS]
    pd.concat(parts).to_csv(tmp_path / "w.csv", index=False)
    np.testing.assert_allclose(
        built(panel, weights=str(tmp_path / "w.csv")), dense(series, panel), rtol=1e-14
    )


@pytest.mark.parametrize("kind", ["gal", "gwt"])
def test_files_of_geoda(tmp_path, panel, kind):
    graph = yrd.contiguity_weights(standardize="none")
    path = tmp_path / f"w.{kind}"
    getattr(graph, f"to_{kind}")(path)
    np.testing.assert_array_equal(built(panel, weights=str(path)), dense(graph, panel))
    np.testing.assert_allclose(
        built(panel, weights=str(path), standardize="row"), dense(yrd.contiguity_weights(), panel)
    )


def test_labels_that_are_words_stay_words(tmp_path):
    pd.DataFrame([[0, 1], [1, 0]], ["a", "b"], ["a", "b"]).to_csv(tmp_path / "w.csv")
    assert file_weights(tmp_path / "w.csv", pd.Index(["a", "b"])).index.tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "content"), [("no.csv", None), ("bad.csv", b"\xff\xfe\x00"), ("bad.gal", b"x"), ("bad.gwt", b"")]
)
def test_a_file_that_holds_no_weights_is_refused(tmp_path, name, content):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="cannot be read as weights"):
        file_weights(tmp_path / name, pd.Index(["a"]))


def test_a_pair_that_stands_twice_is_refused(tmp_path):
    links = pd.DataFrame({"focal": ["a", "a"], "neighbor": ["b", "b"], "weight": [1, 2]})
    links.to_csv(tmp_path / "w.csv", index=False)
    with pytest.raises(DataError, match="stands twice"):
        file_weights(tmp_path / "w.csv", pd.Index(["a", "b"]))


def test_an_unknown_city_in_a_file_is_refused(tmp_path, panel):
    table = square(yrd.contiguity_weights()).rename(index={310000: "Atlantis"})
    table.to_csv(tmp_path / "w.csv")
    with pytest.raises(yrd.errors.UnknownUnitError, match="Atlantis"):
        file_weights(tmp_path / "w.csv", panel.units)


def test_the_users_railway_is_used(panel, tmp_path):
    network = Network(weights="rail")
    assert weights_of("rail", replace(network, k=2), panel, None).years == (2015, 2016)
    with pytest.raises(DataError, match="no such data folder"):
        weights_of("rail", network, panel, Path(tmp_path / "nowhere"))
