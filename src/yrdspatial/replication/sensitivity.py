"""How much the answers hang on choices: the windows, the vintages of the panel, and the cities in the sample."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import pandas as pd

from yrdspatial.autocorrelation.moran import moran
from yrdspatial.industry.location_quotient import location_quotient
from yrdspatial.industry.transfer import industrial_transfer, windowed_transfer
from yrdspatial.panel.columns import sector_sets
from yrdspatial.panel.panel import Panel
from yrdspatial.panel.splice import splice
from yrdspatial.replication.case import CORE_CITIES
from yrdspatial.replication.core_effects import SHANGHAI, fit_durbin
from yrdspatial.replication.relocation import SECTORS
from yrdspatial.replication.strands import Strand, employment_strand, value_added_strand
from yrdspatial.replication.study import Study
from yrdspatial.weights.series import WeightsSeries
from yrdspatial.weights.standardize import standardize

FAMILIES = ("contiguity", "rail")
WINDOWS = (range(2006, 2013), range(2013, 2020))
JUMPING = (330900, 341300, 341500, 341800)
CENSUS = 2019
ADJUSTED_FROM = 2010
SAMPLES = {"all": (), "no Shanghai": (SHANGHAI,), "no capitals": CORE_CITIES}
LOOKED_AT = {"employment": ("log_gdp_head", "lq_services"), "value added": ("log_gdp_head", "lq_tertiary")}
PERMUTATIONS = 999


@dataclass(frozen=True)
class Variant:
    """One way to make the sample of a strand.

    Attributes
    ----------
    name : str
        What is different, as a key for the text.
    strand : Strand
        Data, formula and effects.
    without : tuple of int
        Cities that are left out.
    """

    name: str
    strand: Strand
    without: Collection[int] = ()


@dataclass(frozen=True)
class Sensitivity:
    """The main numbers under other choices.

    Attributes
    ----------
    spillovers : pandas.DataFrame
        Columns strand, variant, weights, quantity ("rho", or the regressor whose indirect effect it is), estimate,
        std_error, pvalue, lower, upper, units, years.
    transfer : pandas.DataFrame
        Change of the provinces' shares of manufacturing employment in points: index province (two digits), columns
        "naive" (2005 to 2019 across the break), "windows" (summed inside), "step" (2012 to 2013 alone).
    clustering : pandas.DataFrame
        Columns sample, weights, year, I, expected, p_sim: location quotient of manufacturing employment.
    """

    spillovers: pd.DataFrame
    transfer: pd.DataFrame
    clustering: pd.DataFrame


def measure_sensitivity(study: Study, *, seed: int) -> Sensitivity:
    """Compute the main numbers again under other windows, vintages and samples.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    seed : int
        Seed of the permutations.

    Returns
    -------
    Sensitivity
        Numbers by variant.
    """
    every = {
        "employment": employment_variants(study),
        "value added": value_added_variants(study),
    }
    rows = [
        spillovers_of(one, study.weights[name]).assign(strand=strand, weights=name)
        for strand, variants in every.items()
        for one in variants
        for name in FAMILIES
    ]
    first = ["strand", "variant", "weights", "quantity"]
    table = pd.concat(rows, ignore_index=True)
    return Sensitivity(
        spillovers=table[[*first, *table.columns.drop(first)]],
        transfer=transfer_by_province(study.panel),
        clustering=clustering_by_sample(study, seed=seed),
    )


def employment_variants(study: Study) -> list[Variant]:
    """List the variants of the employment strand.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    list of Variant
        The main one first.
    """
    main = employment_strand(study.panel, study.times)
    early, late = WINDOWS
    return [
        Variant("main", main),
        Variant("first window", replace(main, data=of_years(main.data, early), effects="twoways")),
        Variant("second window", replace(main, data=of_years(main.data, late), effects="twoways")),
        Variant("no years at the break", replace(main, data=of_years(main.data, [*early[:-1], *late[1:]]))),
        Variant("one window", replace(main, effects="twoways")),
        Variant("no jumps of scope", main, JUMPING),
        Variant("no Shanghai", main, SAMPLES["no Shanghai"]),
        Variant("no capitals", main, SAMPLES["no capitals"]),
    ]


def value_added_variants(study: Study) -> list[Variant]:
    """List the variants of the value-added strand.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    list of Variant
        The main one first.
    """
    panel, times = study.panel, study.times
    main = value_added_strand(panel, times)
    years = [int(year) for year in main.data.index.unique("year")]
    split = main.data.assign(window=(main.data.index.get_level_values("year") >= CENSUS).astype(str))
    late = range(ADJUSTED_FROM, years[-1] + 1)
    adjusted = value_added_strand(adjusted_population(panel), times)
    return [
        Variant("main", main),
        Variant("before the census", replace(main, data=of_years(main.data, range(years[0], CENSUS)))),
        Variant("window at the census", replace(main, data=split, effects={"unit": "window", "time": True})),
        Variant("spliced GDP", value_added_strand(spliced_gdp(panel), times)),
        Variant("2010 on, population as published", replace(main, data=of_years(main.data, late))),
        Variant("2010 on, population adjusted", replace(adjusted, data=of_years(adjusted.data, late))),
        Variant("more controls, to 2020", value_added_strand(panel, times, with_controls=True)),
        Variant("no Shanghai", main, SAMPLES["no Shanghai"]),
        Variant("no capitals", main, SAMPLES["no capitals"]),
    ]


def of_years(data: pd.DataFrame, years: Collection[int]) -> pd.DataFrame:
    """Keep some years.

    Parameters
    ----------
    data : pandas.DataFrame
        Indexed (unit, year).
    years : collection of int
        Years to keep.

    Returns
    -------
    pandas.DataFrame
        The rows of these years.
    """
    return data[data.index.get_level_values("year").isin(list(years))]


def spliced_gdp(panel: Panel) -> Panel:
    """Carry the GDP of the census vintage back by the growth of the vintage before.

    Parameters
    ----------
    panel : Panel
        The city panel.

    Returns
    -------
    Panel
        With another gdp.
    """
    gdp, index = panel.frame["gdp"], panel.frame["gdp_index_prev100"]
    years = gdp.index.get_level_values("year")
    return panel.assign(gdp=splice(gdp[years < CENSUS], gdp[years >= CENSUS], index=index))


def adjusted_population(panel: Panel) -> Panel:
    """Take the resident population between the censuses, where there is one, for the one first published.

    Parameters
    ----------
    panel : Panel
        The city panel.

    Returns
    -------
    Panel
        With another population_resident.
    """
    frame = panel.frame
    return panel.assign(
        population_resident=frame["population_resident_adj"].fillna(frame["population_resident"])
    )


def weights_among(weights: WeightsSeries, units: pd.Index) -> WeightsSeries:
    """Keep the links among some units, and make every row sum to one again.

    Parameters
    ----------
    weights : WeightsSeries
        Weights of all units.
    units : pandas.Index
        The units that stay.

    Returns
    -------
    WeightsSeries
        Row-standardized among them; a unit that keeps no neighbour is an island.
    """
    if len(units) == len(weights.units):
        return weights
    keep = weights.units.isin(units)
    labels = weights.units[keep]
    cube = weights.array()[:, keep][:, :, keep]
    frames = {year: pd.DataFrame(w, labels, labels) for year, w in zip(weights.years, cube, strict=True)}
    return standardize(WeightsSeries.from_frames(frames), "row")


def spillovers_of(variant: Variant, weights: WeightsSeries) -> pd.DataFrame:
    """Fit the Durbin model of a variant and take what the report looks at.

    Parameters
    ----------
    variant : Variant
        Data and sample.
    weights : WeightsSeries
        Weights of all cities.

    Returns
    -------
    pandas.DataFrame
        Columns variant, quantity, estimate, std_error, pvalue, lower, upper, units, years.
    """
    data = variant.strand.data
    kept = data[~data.index.get_level_values("unit").isin(list(variant.without))]
    units, years = (kept.index.unique(level) for level in ("unit", "year"))
    results = fit_durbin(replace(variant.strand, data=kept), weights_among(weights, units))
    effects = results.impacts().table
    wanted = LOOKED_AT[variant.strand.name.partition(",")[0]]
    indirect = effects[(effects["effect"] == "indirect") & effects["variable"].isin(wanted)]
    low, high = results.conf_int().loc["rho"]
    own = {
        "variable": "rho",
        "estimate": results.params["rho"],
        "std_error": results.std_errors["rho"],
        "pvalue": results.pvalues["rho"],
        "lower": low,
        "upper": high,
    }
    table = pd.concat([pd.DataFrame([own]), indirect[list(own)]], ignore_index=True)
    return table.rename(columns={"variable": "quantity"}).assign(
        variant=variant.name, units=len(units), years=len(years)
    )


def transfer_by_province(panel: Panel) -> pd.DataFrame:
    """Compare the transfer of manufacturing employment across the break with that inside the windows.

    Parameters
    ----------
    panel : Panel
        The city panel.

    Returns
    -------
    pandas.DataFrame
        As ``Sensitivity.transfer``.
    """
    sector = SECTORS["employment"]
    spans = {"naive": (2005, 2019), "step": (2012, 2013)}
    changes = {
        name: industrial_transfer(
            panel, sector, base=base, end=end, measure="share_change", across_breaks=True
        )
        for name, (base, end) in spans.items()
    }
    table = pd.DataFrame(changes).assign(windows=windowed_transfer(panel, sector)["sum"])
    province = pd.Index(table.index // 10000, name="province")
    return table.groupby(province)[["naive", "windows", "step"]].sum()


def clustering_by_sample(study: Study, *, seed: int) -> pd.DataFrame:
    """Compute Moran's I of manufacturing at the ends of the windows with and without the largest cities.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    seed : int
        Seed of the permutations.

    Returns
    -------
    pandas.DataFrame
        As ``Sensitivity.clustering``.
    """
    sets = sector_sets()
    years = (WINDOWS[0][0] - 1, WINDOWS[0][-1], WINDOWS[1][0], WINDOWS[1][-1])
    employment = of_years(study.panel.frame[sets["sectors_19"]], years)
    quotients = location_quotient(employment, groups={"manufacturing": sets["manufacturing"]})[
        "manufacturing"
    ]
    rows = []
    for sample, without in SAMPLES.items():
        kept = quotients[~quotients.index.get_level_values("unit").isin(without)]
        units = kept.index.unique("unit")
        for name in FAMILIES:
            weights = weights_among(study.weights[name], units)
            found = moran(kept, weights, permutations=PERMUTATIONS, seed=seed)
            rows.append(found[["year", "I", "expected", "p_sim"]].assign(sample=sample, weights=name))
    return pd.concat(rows, ignore_index=True)[["sample", "weights", "year", "I", "expected", "p_sim"]]
