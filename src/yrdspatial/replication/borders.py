"""The two sides of a border: coefficients within provinces and across their borders, their tests, and the links."""

from collections.abc import Mapping

import pandas as pd

from yrdspatial.replication.spillovers import Estimate
from yrdspatial.weights.series import WeightsSeries


def border_parameters(one: Estimate) -> pd.DataFrame:
    """Take the coefficients that differ by the side of the border.

    Parameters
    ----------
    one : Estimate
        A border model.

    Returns
    -------
    pandas.DataFrame
        Columns part, term, estimate, std_error, zstat, pvalue, lower, upper.
    """
    table = one.results.to_frame()
    places = [("rho", part, f"rho_{part}") for part in one.results.spec.parts]
    places += [
        (term, part, f"W_{part}_{term}")
        for term in one.results.spec.durbin
        for part in one.results.spec.parts
    ]
    labels = pd.DataFrame(places, columns=["term", "part", "parameter"])
    return labels.join(table, on="parameter").drop(columns="parameter")


def border_tests(one: Estimate) -> pd.DataFrame:
    """Test whether coefficients are the same within provinces and across their borders.

    Parameters
    ----------
    one : Estimate
        A border model.

    Returns
    -------
    pandas.DataFrame
        Columns term, statistic, df, pvalue; "all" is the joint test.
    """
    terms = {"rho": "rho_within = rho_across"}
    terms |= {term: f"W_within_{term} = W_across_{term}" for term in one.results.spec.durbin}
    if len(terms) > 1:
        terms["all"] = ", ".join(terms.values())
    tests = {term: one.results.wald_test(null) for term, null in terms.items()}
    return pd.DataFrame(
        [(term, test.statistic, test.df, test.pvalue) for term, test in tests.items()],
        columns=["term", "statistic", "df", "pvalue"],
    )


def border_links(name: str, parts: Mapping[str, WeightsSeries]) -> pd.DataFrame:
    """Count links on both sides of the border by year.

    Parameters
    ----------
    name : str
        Label of the weights.
    parts : mapping of str to WeightsSeries
        "within" and "across".

    Returns
    -------
    pandas.DataFrame
        Columns weights, year, within, across, share_across.
    """
    counts = {part: [matrix.nnz for matrix in weights.sparse()] for part, weights in parts.items()}
    shares = [matrix.sum() / matrix.shape[0] for matrix in parts["across"].sparse()]
    return pd.DataFrame({"weights": name, "year": parts["within"].years, **counts, "share_across": shares})
