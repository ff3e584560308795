"""The robustness table that papers print: other weights, windows, controls, samples, and no correction of bias."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from yrdspatial.models.comparison_table import ComparisonTable, compare
from yrdspatial.models.estimators import SDM
from yrdspatial.models.model import Bias
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.replication.case import Case
from yrdspatial.replication.findings import PERIODS
from yrdspatial.replication.fits import both_strands, fitted
from yrdspatial.replication.sensitivity import SAMPLES, of_years, weights_among
from yrdspatial.replication.strands import Strand, value_added_strand
from yrdspatial.replication.study import Study
from yrdspatial.tables.phrases import Language
from yrdspatial.weights.rail import rail_weights
from yrdspatial.weights.series import WeightsSeries

SHOWN = {
    "employment": ("lq_services", "log_gdp_head"),
    "value added": ("lq_tertiary", "log_gdp_head"),
}
GROUPS = ("weights", "windows", "controls", "samples", "bias")
PAIR = ("contiguity", "rail")


@dataclass(frozen=True)
class Column:
    """One column of the table: what is estimated, under which weights.

    Attributes
    ----------
    group : str
        What is varied: "weights", "windows", "controls", "samples" or "bias".
    variant : str
        How.
    weights : str
        Name of the weights.
    strand : Strand
        Data, formula and effects.
    bias : str
        "adjusted" or "none".
    """

    group: str
    variant: str
    weights: str
    strand: Strand
    bias: Bias = "adjusted"

    @property
    def head(self) -> str:
        """The head of the column."""
        return self.weights if self.group == "weights" else f"{self.weights}, {self.variant}"


@dataclass(frozen=True)
class Robustness:
    """The robustness tables of both strands.

    Attributes
    ----------
    tables : mapping of (str, str) to ComparisonTable
        By strand and group; all Durbin models; regressors that are not SHOWN are rows of controls.
    numbers : pandas.DataFrame
        Columns strand, group, variant, weights, quantity ("rho", "direct", "indirect", "total", or "coefficient"),
        variable (empty for rho), estimate, std_error, pvalue, nobs.
    """

    tables: Mapping[tuple[str, str], ComparisonTable]
    numbers: pd.DataFrame


def robustness(study: Study, *, lang: Language = "en", naming: Callable[[str], str] = str) -> Robustness:
    """Estimate the Durbin model of both strands under every choice, one at a time.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    lang : {"en", "zh"}
        Language of foot and notes of the tables.
    naming : callable
        Puts the head of a column, weights and a variant, into words.

    Returns
    -------
    Robustness
        One table a strand and group of choices, in the layout of Chinese journals, and all numbers.
    """
    families = weight_families(study)
    tables: dict[tuple[str, str], ComparisonTable] = {}
    rows = []
    for strand in both_strands(study):
        listed = list(columns_of(study, strand, families))
        results = {(one.group, one.head): estimated(one, families[one.weights]) for one in listed}
        rows += [numbers_of(strand.name, one, results[one.group, one.head]) for one in listed]
        for group in GROUPS:
            models = {naming(head): fit for (kind, head), fit in results.items() if kind == group}
            terms = dict.fromkeys(term for fit in models.values() for term in fit.spec.terms)
            hidden = [term for term in terms if term not in SHOWN[strand.name]]
            tables[strand.name, group] = compare(models, lang=lang, stars="zh", controls=hidden)
    return Robustness(tables, pd.concat(rows, ignore_index=True))


def weight_families(study: Study) -> dict[str, WeightsSeries]:
    """Give the alternative weights, all row-standardized, for every year of the panel.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    dict of str to WeightsSeries
        "contiguity"; "distance", the five nearest seats; "economic", inverse gaps of GDP a head in 2005; "rail", the
        five nearest by rail time of the year; "rail_frozen", those of 2008; "rail_decay", exp(-minutes / 30).
    """
    families = Case(study, seed=0).panel_families
    return {
        "contiguity": families["contiguity"],
        "distance": families["distance"],
        "economic": families["economic"],
        "rail": study.weights["rail"],
        "rail_frozen": study.weights["rail_frozen"],
        "rail_decay": rail_weights(study.times, decay="exponential", tau=30.0),
    }


def columns_of(study: Study, strand: Strand, families: Mapping[str, WeightsSeries]) -> Iterator[Column]:
    """List the columns of a strand.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    strand : Strand
        The strand in its main form.
    families : mapping of str to WeightsSeries
        Alternative weights.

    Yields
    ------
    Column
        The main form first in every group.
    """
    for name in families:
        yield Column("weights", "main", name, strand)
    variants: dict[str, Callable[[], dict[str, Strand]]] = {
        "windows": lambda: windows_of(strand),
        "controls": lambda: controls_of(study, strand),
        "samples": lambda: samples_of(strand),
    }
    for name in PAIR:
        for group, make in variants.items():
            for variant, one in make().items():
                yield Column(group, variant, name, one)
        yield Column("bias", "adjusted", name, strand)
        yield Column("bias", "none", name, strand, "none")


def windows_of(strand: Strand) -> dict[str, Strand]:
    """Give a strand in its full length and in each period.

    Parameters
    ----------
    strand : Strand
        The strand.

    Returns
    -------
    dict of str to Strand
        By period; inside one period the effects are of city and year.
    """
    parts = {
        period: replace(strand, data=of_years(strand.data, years), effects="twoways")
        for period, years in PERIODS.items()
    }
    return {"all years": strand, **parts}


def controls_of(study: Study, strand: Strand) -> dict[str, Strand]:
    """Give a strand with fewer and with more controls.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    strand : Strand
        The strand.

    Returns
    -------
    dict of str to Strand
        "main", "only" the variables SHOWN, and on value added "more", which ends in 2020.
    """
    left = strand.formula.partition(" ~ ")[0]
    few = replace(strand, formula=f"{left} ~ {' + '.join(SHOWN[strand.name])}")
    variants = {"main": strand, "only": few}
    if strand.name == "value added":
        variants["more"] = value_added_strand(study.panel, study.times, with_controls=True)
    return variants


def samples_of(strand: Strand) -> dict[str, Strand]:
    """Give a strand without the largest cities.

    Parameters
    ----------
    strand : Strand
        The strand.

    Returns
    -------
    dict of str to Strand
        "all", "no Shanghai", "no capitals" (Shanghai and the three capitals of provinces).
    """
    units = strand.data.index.get_level_values("unit")
    return {name: replace(strand, data=strand.data[~units.isin(gone)]) for name, gone in SAMPLES.items()}


def estimated(column: Column, weights: WeightsSeries) -> SpatialPanelResults:
    """Fit the Durbin model of a column.

    Parameters
    ----------
    column : Column
        What to estimate.
    weights : WeightsSeries
        Weights of all cities; among those of the sample they are row-standardized again.

    Returns
    -------
    SpatialPanelResults
        The estimates.
    """
    strand = column.strand
    among = weights_among(weights, strand.data.index.unique("unit"))
    return fitted(SDM(strand.data, strand.formula, weights=among, effects=strand.effects), column.bias)


def numbers_of(strand: str, column: Column, results: SpatialPanelResults) -> pd.DataFrame:
    """Lay out the numbers of a column.

    Parameters
    ----------
    strand : str
        Name of the strand.
    column : Column
        The column.
    results : SpatialPanelResults
        Its estimates.

    Returns
    -------
    pandas.DataFrame
        As ``Robustness.numbers``.
    """
    kept = ["quantity", "variable", "estimate", "std_error", "pvalue"]
    terms = results.to_frame().reset_index().rename(columns={"parameter": "variable"})
    terms["quantity"] = "coefficient"
    terms.loc[terms["variable"] == "rho", ["quantity", "variable"]] = ["rho", ""]
    effects = results.impacts().table.rename(columns={"effect": "quantity"})
    table = pd.concat([terms[kept], effects[kept]], ignore_index=True)
    labels = {"strand": strand, "group": column.group, "variant": column.variant, "weights": column.weights}
    return table.assign(**labels, nobs=results.nobs)[[*labels, *kept, "nobs"]]
