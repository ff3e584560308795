"""Printed tables of models: every cell against the fitted model behind it."""

import numpy as np
import pytest
from scipy.stats import norm

from yrdspatial.replication.chapters.estimates import (
    effects_exhibit,
    footer,
    models_table,
    terms,
    warnings_of,
)
from yrdspatial.replication.chapters.transfer import STRANDS
from yrdspatial.replication.chapters.wording import title

STAR = {"***": 0.01, "**": 0.05, "*": 0.10}


def number(cell):
    """Value of a printed cell without its stars, brackets and long minus."""
    return float(cell.strip("*()").replace("−", "-"))


def stars(p):
    """Stars of a p-value."""
    return next((mark for mark, level in STAR.items() if p < level), "")


@pytest.mark.parametrize("strand", STRANDS)
def test_printed_coefficients_are_those_of_the_models(spillovers, strand):
    models = [one for one in spillovers.main if one.strand == strand]
    frame = models_table("models", "Models.", models).frame
    for one in models:
        column = frame[f"{one.model}, {title(one.weights)}"]
        for term, value in one.results.params.items():
            place = list(frame.index).index(title(term))
            cell, beneath = column.iloc[place], column.iloc[place + 1]
            assert number(cell) == pytest.approx(value, abs=0.0005 + 1e-12)
            assert cell.endswith(stars(one.results.pvalues[term]) or cell[-1])
            assert cell.count("*") == len(stars(one.results.pvalues[term]))
            assert number(beneath) == pytest.approx(one.results.std_errors[term], abs=0.0005 + 1e-12)


@pytest.mark.parametrize("strand", STRANDS)
def test_printed_effects_are_those_of_the_models(spillovers, strand):
    models = [one for one in spillovers.main if (one.strand, one.model) == (strand, "SDM")]
    frame = effects_exhibit("effects", "Effects.", models).frame
    names = list(frame.index)
    heads = [f"{kind} effects" for kind in ("Direct", "Indirect", "Total")]
    for one in models:
        for _, row in one.impacts.iterrows():
            start = names.index(heads[("direct", "indirect", "total").index(row["effect"])])
            place = names.index(title(row["variable"]), start)
            cell = frame[title(one.weights)].iloc[place]
            assert number(cell) == pytest.approx(row["estimate"], abs=0.0005 + 1e-12)
            assert cell.count("*") == len(stars(row["pvalue"]))


def test_terms_and_footer(spillovers):
    one = spillovers.main[0]
    table = terms(one)
    np.testing.assert_array_equal(table["estimate"], one.results.params)
    np.testing.assert_allclose(
        table["pvalue"], 2 * norm.sf(np.abs(table["estimate"] / table["std_error"])), rtol=1e-10
    )
    foot = footer([one], ["model"])["model"]
    assert foot["Observations"] == 41 * 14
    assert foot["Fixed effects"] == "unit x window, time"
    parameters = len(one.results.params) + 1
    assert foot["AIC"] == pytest.approx(2 * parameters - 2 * foot["Adjusted log-likelihood"], rel=1e-12)


def test_warnings_of_name_their_model(spillovers):
    notes = warnings_of([spillovers.dense, spillovers.main[0]])
    assert len(notes) == len(spillovers.dense.results.warnings)
    assert all(note.startswith("SDM, rail, inverse time, all pairs: ") for note in notes)
