"""Does the border of a province stop spillovers: models with links within provinces and across their borders."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from yrdspatial.models.estimators import SAR, SDM
from yrdspatial.models.level import variables_of
from yrdspatial.models.pair_effects import effects_by_pairs
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.replication.findings import PERIODS, in_period
from yrdspatial.replication.fits import both_strands, fitted, free_of_levels, joined
from yrdspatial.replication.sensitivity import SAMPLES, weights_among
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
    samples : pandas.DataFrame
        Columns strand, weights, sample ("all", "no Shanghai", "no capitals", and the periods), rho_within,
        within_error, rho_across, across_error, statistic, df, pvalue: the Durbin model free of levels. Shanghai is a
        province of its own, so all its links are across a border.
    """

    parameters: pd.DataFrame
    tests: pd.DataFrame
    effects: pd.DataFrame
    links: pd.DataFrame
    samples: pd.DataFrame


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
        samples=pd.concat(
            [
                border_samples(strand, study.weights[name], name)
                for strand in both_strands(study)
                for name in BORDER_WEIGHTS
            ],
            ignore_index=True,
        ),
    )


def border_samples(strand: Strand, weights: WeightsSeries, name: str) -> pd.DataFrame:
    """Test the border once more without the largest cities, and inside each period.

    Parameters
    ----------
    strand : Strand
        Data, formula and effects.
    weights : WeightsSeries
        Weights of all cities; among those of the sample they are row-standardized again.
    name : str
        Their label.

    Returns
    -------
    pandas.DataFrame
        As ``BorderFindings.samples``.
    """
    units = strand.data.index.get_level_values("unit")
    variants = {key: replace(strand, data=strand.data[~units.isin(gone)]) for key, gone in SAMPLES.items()}
    variants |= {period: in_period(strand, period) for period in PERIODS}
    rows = []
    for sample, one in variants.items():
        among = weights_among(weights, one.data.index.unique("unit"))
        results = fitted(free_of_levels(SDM, one, split_weights(among, "province")))
        test, table = results.wald_test("rho_within = rho_across"), results.to_frame()
        (within, error), (across, other) = table.loc[
            ["rho_within", "rho_across"], ["estimate", "std_error"]
        ].to_numpy()
        rows.append((sample, within, error, across, other, test.statistic, test.df, test.pvalue))
    columns = ["sample", "rho_within", "within_error", "rho_across", "across_error"]
    found = pd.DataFrame(rows, columns=[*columns, "statistic", "df", "pvalue"])
    return found.assign(strand=strand.name, weights=name)[["strand", "weights", *found]]


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
