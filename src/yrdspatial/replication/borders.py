"""Does the border of a province stop spillovers: models with links within provinces and across their borders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from yrdspatial.models.estimators import SAR, SDM
from yrdspatial.models.level import variables_of
from yrdspatial.models.pair_effects import effects_by_pairs
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.replication.fits import both_strands, fitted, free_of_levels, joined
from yrdspatial.replication.strands import Strand
from yrdspatial.replication.study import Study
from yrdspatial.weights.series import WeightsSeries
from yrdspatial.weights.split import split_weights

BORDER_WEIGHTS = ("contiguity", "rail")
SIDES = ("within", "across")
LABELS = ("strand", "model", "weights")
AS_GIVEN = "SDM, levels as given"
"""The Durbin model without the treatment of levels: what other programs estimate."""

Models = dict[tuple[str, str, str], SpatialPanelResults]
"""By strand, model and weights."""


@dataclass(frozen=True)
class BorderFindings:
    """Does the border of a province stop spillovers.

    Attributes
    ----------
    parameters : pandas.DataFrame
        Columns strand, model, weights, term ("rho" or a regressor), part ("within", "across"), estimate, std_error,
        zstat, pvalue, lower, upper. Models are "SAR" and "SDM", free of levels, and AS_GIVEN.
    tests : pandas.DataFrame
        Columns strand, model, weights, term ("rho", a regressor, "all"), statistic, df, pvalue: Wald tests of the
        same coefficient within and across.
    effects : pandas.DataFrame
        Columns strand, model, weights, variable, pairs ("within", "across"), estimate, std_error, zstat, pvalue,
        lower, upper, links, per_link, per_link_error: the indirect effect by the pairs over which it passes.
    links : pandas.DataFrame
        Columns weights, year, within, across (links of the weights), share_across (mean weight across the border).
    """

    parameters: pd.DataFrame
    tests: pd.DataFrame
    effects: pd.DataFrame
    links: pd.DataFrame


def border_effects(study: Study) -> BorderFindings:
    """Estimate spillovers within provinces and across their borders, and test whether they are the same.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    BorderFindings
        Tables ready to print.
    """
    parts = {name: split_weights(study.weights[name], "province") for name in BORDER_WEIGHTS}
    models = border_models(both_strands(study), parts)
    groups = sides_of(study.units["province_en"])
    return BorderFindings(
        parameters=joined(((key, border_parameters(one)) for key, one in models.items()), LABELS),
        tests=joined(((key, border_tests(one)) for key, one in models.items()), LABELS),
        effects=joined(((key, border_spillovers(one, groups)) for key, one in models.items()), LABELS),
        links=pd.concat([border_links(name, part) for name, part in parts.items()], ignore_index=True),
    )


def border_models(strands: Iterable[Strand], parts: Mapping[str, Mapping[str, WeightsSeries]]) -> Models:
    """Fit the border models: with levels taken out, and the Durbin model as other programs fit it.

    Parameters
    ----------
    strands : iterable of Strand
        Data, formulas, effects.
    parts : mapping of str to mapping
        By name of the weights, "within" and "across".

    Returns
    -------
    dict
        Fitted models by strand, model, weights.
    """
    models = {}
    for strand in strands:
        for name, split in parts.items():
            for estimator in (SAR, SDM):
                models[strand.name, estimator.__name__, name] = fitted(
                    free_of_levels(estimator, strand, split)
                )
            plain = SDM(strand.data, strand.formula, weights=split, effects=strand.effects)
            models[strand.name, AS_GIVEN, name] = fitted(plain)
    return models


def border_parameters(results: SpatialPanelResults) -> pd.DataFrame:
    """Take the coefficients that differ by the side of the border.

    Parameters
    ----------
    results : SpatialPanelResults
        A border model.

    Returns
    -------
    pandas.DataFrame
        Columns term, part, estimate, std_error, zstat, pvalue, lower, upper.
    """
    places = [("rho", part, f"rho_{part}") for part in SIDES]
    places += [(term, part, f"W_{part}_{term}") for term in results.spec.durbin for part in SIDES]
    labels = pd.DataFrame(places, columns=["term", "part", "parameter"])
    return labels.join(results.to_frame(), on="parameter").drop(columns="parameter")


def border_tests(results: SpatialPanelResults) -> pd.DataFrame:
    """Test whether coefficients are the same within provinces and across their borders.

    Parameters
    ----------
    results : SpatialPanelResults
        A border model.

    Returns
    -------
    pandas.DataFrame
        Columns term, statistic, df, pvalue; "all" is the joint test.
    """
    terms = {"rho": "rho_within = rho_across"}
    terms |= {term: f"W_within_{term} = W_across_{term}" for term in results.spec.durbin}
    if len(terms) > 1:
        terms["all"] = ", ".join(terms.values())
    tests = {term: results.wald_test(null) for term, null in terms.items()}
    return pd.DataFrame(
        [(term, test.statistic, test.df, test.pvalue) for term, test in tests.items()],
        columns=["term", "statistic", "df", "pvalue"],
    )


def border_spillovers(results: SpatialPanelResults, groups: pd.DataFrame) -> pd.DataFrame:
    """Split the indirect effects of the variables by the side of the border on which they arrive.

    Parameters
    ----------
    results : SpatialPanelResults
        A border model.
    groups : pandas.DataFrame
        "within" or "across" for each pair of units.

    Returns
    -------
    pandas.DataFrame
        As of ``effects_by_pairs``, without the regressors that stand for levels.
    """
    table = effects_by_pairs(results, groups)
    return table[table["variable"].isin(variables_of(results.spec))]


def sides_of(groups: pd.Series) -> pd.DataFrame:
    """Name the side of the border for each pair.

    Parameters
    ----------
    groups : pandas.Series
        Province by unit.

    Returns
    -------
    pandas.DataFrame
        "within" or "across".
    """
    same = groups.to_numpy()[:, None] == groups.to_numpy()
    return pd.DataFrame("across", groups.index, groups.index).mask(same, "within")


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
