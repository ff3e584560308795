"""The figures take what the other packages give: real data, real weights, a model on synthetic shocks."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex

import yrdspatial as yrd
from yrdspatial.report.basemap import short_names
from yrdspatial.report.figures import change_plot, effects_plot, moran_over_time, moran_scatter
from yrdspatial.report.heatmap import weights_heatmap
from yrdspatial.report.html import FigureBlock, Section, TableBlock, report_html
from yrdspatial.report.maps import choropleth_years, map_clusters, map_network
from yrdspatial.report.style import CLUSTERS, figure_bytes
from yrdspatial.tables.regression import regression_table
from yrdspatial.tables.render import table_html, table_latex

YEARS = (2008, 2015, 2019)
EMPLOYMENT = "emp_C_manufacturing"


@pytest.fixture(scope="module")
def quotients():
    panel = yrd.load_panel()
    sectors = panel.frame[yrd.sector_sets()["sectors_19"]].loc[pd.IndexSlice[:, list(YEARS)], :]
    return yrd.location_quotient(sectors, reference="region")[EMPLOYMENT]


@pytest.fixture(scope="module")
def contiguity():
    return yrd.contiguity_weights()


@pytest.fixture(scope="module")
def lisa(quotients, contiguity):
    return yrd.local_moran(quotients, contiguity, permutations=199, seed=1, correction="none")


@pytest.fixture(scope="module")
def fit(contiguity):
    units, years = yrd.load_units().index, range(2008, 2014)
    index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    rng = np.random.default_rng(3)
    invented = pd.DataFrame(rng.normal(size=(len(index), 2)), index=index, columns=["y", "x"])
    invented["y"] += invented["x"]
    return yrd.SDM(invented, "y ~ x", weights=contiguity, effects="unit").fit()


def test_the_choropleth_shows_every_city_in_its_class(quotients):
    shapes = yrd.load_shapes()
    table = quotients.unstack("year")
    figure = choropleth_years(
        shapes, table, label="LQ of manufacturing", provinces=yrd.load_shapes("province")
    )
    ranks = {color: rank for rank, color in enumerate(map(to_hex, dict.fromkeys(legend_colors(figure))))}
    for panel, year in zip(figure.axes, YEARS, strict=True):
        drawn = [ranks[to_hex(color)] for color in panel.collections[0].get_facecolors()]
        values = table.loc[shapes.index, year].to_numpy()
        assert len(drawn) == 41
        order = np.argsort(values, kind="stable")
        assert np.all(np.diff(np.array(drawn)[order]) >= 0)
    assert len({text.get_text() for text in figure.axes[0].texts} - {"100 km"}) == 41


def legend_colors(figure):
    return [patch.get_facecolor() for patch in figure.legends[0].get_patches()]


def test_cluster_maps_show_the_table_of_local_moran(lisa):
    shapes = yrd.load_shapes()
    figure = map_clusters(shapes, lisa.table, nominal=0.1)
    for panel, year in zip(figure.axes, YEARS, strict=True):
        expected = [CLUSTERS[code] for code in lisa.clusters(year).reindex(shapes.index)]
        assert [to_hex(color) for color in panel.collections[0].get_facecolors()] == expected
        found = lisa.clusters(year)
        assert panel.get_title(loc="left").startswith(f"{year}: {(found == 'HH').sum()} HH")


def test_moran_over_time_draws_the_table_of_moran(quotients, contiguity):
    table = yrd.moran(quotients, contiguity, permutations=99, seed=1).assign(weights="contiguity")
    (panel,) = moran_over_time(table, breaks={EMPLOYMENT: {2013: "coverage widens"}}).axes
    offsets = panel.collections[-1].get_offsets()
    assert offsets[:, 0].tolist() == list(YEARS)
    assert np.allclose(offsets[:, 1], table["I"])


def test_the_slope_in_the_scatter_is_the_statistic(quotients, contiguity):
    table = quotients.unstack("year")
    scores = (table - table.mean()) / table.std(ddof=0)
    matrix = contiguity.adjacency.unstack(fill_value=0.0).loc[scores.index, scores.index]
    lags = pd.DataFrame(matrix.to_numpy() @ scores.to_numpy(), index=scores.index, columns=scores.columns)
    figure = moran_scatter(scores, lags, short_names(yrd.load_units()), label="LQ")
    statistics = yrd.moran(quotients, contiguity, permutations=99, seed=1)["I"]
    drawn = [
        next(line.get_slope() for line in panel.lines if hasattr(line, "get_slope")) for panel in figure.axes
    ]
    assert np.allclose(drawn, statistics, atol=1e-10)


def test_weights_are_drawn_as_they_are(contiguity):
    units = yrd.load_units()
    times = yrd.travel_times([2008, 2020])
    rail = yrd.rail_weights(times)
    order = list(units.index)
    arrays = {str(year): rail.array(units.index, [year])[0] for year in (2008, 2020)}
    arrays["contiguity"] = contiguity.adjacency.unstack(fill_value=0.0).loc[order, order].to_numpy()
    figure = weights_heatmap(arrays, units)
    assert [int((panel.images[0].get_array() > 0).sum()) for panel in figure.axes[:2]] == [41 * 5, 41 * 5]
    assert int((figure.axes[2].images[0].get_array() > 0).sum()) == 200


def test_accessibility_is_drawn_for_every_city():
    units = yrd.load_units()
    times = yrd.travel_times([2008, 2020])
    mean = pd.DataFrame(times.array.mean(axis=2).T, index=times.units, columns=times.years)
    figure = change_plot(mean[2008], mean[2020], short_names(units), times=("2008", "2020"), label="minutes")
    assert len(figure.axes[0].get_yticklabels()) == 41
    assert "left out" not in figure.axes[0].get_xlabel()


def test_served_cities_grow_with_the_network():
    network = yrd.load_rail()
    figure = map_network(
        yrd.load_shapes(),
        yrd.load_units(),
        network.lines("2024-12-31"),
        years=[2008, 2016, 2024],
        first_service=network.first_service(),
    )
    counts = [int(panel.get_title(loc="left").split(": ")[1].split(" of ")[0]) for panel in figure.axes]
    assert counts == sorted(counts)
    served = network.first_service() <= pd.Timestamp(2016, 7, 1)
    assert counts[1] == served.sum()


def test_impacts_are_drawn_with_their_intervals(fit):
    table = fit.impacts().table.assign(model="SDM")
    figure = effects_plot(table)
    for panel, effect in zip(figure.axes, ("direct", "indirect", "total"), strict=True):
        row = table[table["effect"] == effect].iloc[0]
        (segment,) = panel.collections[0].get_segments()
        assert segment[:, 0] == pytest.approx([row["lower"], row["upper"]])


def test_results_lie_side_by_side_in_every_kind_of_table(fit):
    terms = pd.DataFrame({"estimate": fit.params, "std_error": fit.std_errors, "pvalue": fit.pvalues})
    foot = pd.DataFrame({"SDM": [fit.nobs, fit.loglik]}, index=["Observations", "Log-likelihood"])
    table = regression_table({"": {"SDM": terms}}, footer=foot, labels={"W_x": "W × x", "rho": "ρ"})
    assert table.frame.index.tolist() == ["x", "", "W × x", "", "ρ", "", "Observations", "Log-likelihood"]
    assert table.frame.loc["Observations", "SDM"] == str(41 * 6)
    assert table.frame["SDM"].iloc[0].startswith(f"{fit.params['x']:.3f}")
    assert r"\rlap{)}" in table_latex(table.frame, title="SDM", label="sdm", rules=table.rules)
    assert table_html(table.frame).count('class="hang"') >= 3


def test_a_page_of_real_figures_repeats_byte_for_byte(quotients, lisa):
    def page():
        figure = map_clusters(yrd.load_shapes(), lisa.table, years=[2019])
        table = quotients.unstack("year").rename(columns=str)
        blocks = [
            FigureBlock("clusters", figure_bytes(figure, dpi=40), "Clusters.", "A map of clusters."),
            TableBlock("lq", table, "Quotients."),
        ]
        return report_html([Section("real", "The delta", blocks)], title="The delta")

    assert page() == page()
