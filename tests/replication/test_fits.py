"""Fits of the strands: quiet, with or without the correction, and stacked under their labels."""

import warnings

import pandas as pd
import pytest

from yrdspatial.models.estimators import SDM, SLX
from yrdspatial.replication.fits import both_strands, fitted, free_of_levels, joined
from yrdspatial.weights.rail import rail_weights
from yrdspatial.weights.split import split_weights


def test_the_strands_are_those_of_the_main_job(study):
    employment, value_added = both_strands(study)
    assert (employment.name, value_added.name) == ("employment", "value added")
    assert employment.effects == {"unit": "window", "time": True}
    assert value_added.effects == "twoways"


def test_weak_identification_stays_in_the_results(study):
    """A dense W warns when fitted by hand; here the sentence is kept and nothing is raised."""
    strand = both_strands(study)[0]
    dense = rail_weights(study.times, decay="inverse", access=60.0)
    request = SDM(strand.data, strand.formula, weights=dense, effects=strand.effects)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        results = fitted(request)
    assert any("identified" in sentence for sentence in results.warnings)


def test_the_correction_is_a_choice(study):
    strand = both_strands(study)[1]
    request = SDM(strand.data, strand.formula, weights=study.weights["contiguity"])
    adjusted, none = fitted(request), fitted(request, "none")
    assert (adjusted.bias, none.bias) == ("adjusted", "none")
    assert none.params["rho"] < adjusted.params["rho"]


def test_levels_are_taken_out_of_split_weights(study):
    """Rail links within provinces grow, so their row sums are a regressor; those of contiguity stand still."""
    strand = both_strands(study)[1]
    terms = {
        name: free_of_levels(SLX, strand, split_weights(study.weights[name], "province")).design.spec.terms
        for name in ("contiguity", "rail")
    }
    assert terms["contiguity"] == ("lq_tertiary", "log_gdp_head", "log_access")
    assert terms["rail"] == (*terms["contiguity"], "level_within")


def test_stacked_tables_have_their_labels_first():
    tables = [(("a", "x"), pd.DataFrame({"n": [1, 2]})), (("b", "y"), pd.DataFrame({"n": [3]}))]
    stacked = joined(iter(tables), ("strand", "model"))
    assert stacked.to_dict("list") == {"strand": ["a", "a", "b"], "model": ["x", "x", "y"], "n": [1, 2, 3]}
    with pytest.raises(ValueError, match="shorter"):
        joined(tables, ("strand", "model", "weights"))
