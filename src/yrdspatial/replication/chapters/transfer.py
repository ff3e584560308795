"""Chapter 5 of the report: does industrial transfer spill over, on both strands, under three families of weights."""

import pandas as pd

from yrdspatial.replication.chapters.estimates import (
    ESTIMATOR,
    effects_exhibit,
    exhibit_of,
    models_table,
    side_by_side,
)
from yrdspatial.replication.chapters.wording import cities, number, pvalue, title
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit, Part
from yrdspatial.replication.spillovers import DRAWS, Spillovers, coefficient_table, impact_table
from yrdspatial.replication.study import Study
from yrdspatial.report.figures import effects_plot
from yrdspatial.report.html import Bullets, Caution, Paragraph

STRANDS = {
    "employment": "Log share of the delta's manufacturing employment, 2006-2012 and 2013-2019",
    "value added": "Log share of the delta's secondary value added, 2006 to the last year",
    "value added, controls": "Log share of the delta's secondary value added, with more controls, 2006-2020",
}


def transfer_chapter(study: Study, spillovers: Spillovers, seed: int) -> Chapter:
    """Show the models, their effects, and what must not be done.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    spillovers : Spillovers
        The fitted models.
    seed : int
        Seed of the draws, for the notes.

    Returns
    -------
    Chapter
        Tables of coefficients and effects, figures of effects, and two warnings.
    """
    parts: list[Part] = [
        Paragraph(
            "A city's share of an industry may depend on its neighbours' shares (ρ) and on their characteristics "
            "(W × x). The spatial Durbin model holds both. Its coefficients are no effects: a change in one city comes "
            "back through its neighbours. What counts are the direct effect (own change), the indirect effect (sum "
            f"over all other cities: the spillover) and their total, with standard errors from {DRAWS} draws of all "
            f"parameters (seed {seed})."
        ),
        Bullets([spatial_dependence(spillovers, strand) for strand in STRANDS]),
    ]
    for strand in STRANDS:
        parts += [*strand_parts(spillovers, strand)]
    parts += [
        ladder(spillovers),
        pooled_warning(spillovers),
        dense_warning(spillovers),
        *holes(study, spillovers),
    ]
    everything = (
        *spillovers.main,
        *spillovers.ladder[:-1],  # the last step is among the main models
        spillovers.pooled,
        spillovers.dense,
        *spillovers.without_holes,
    )
    parts += [
        Exhibit("coefficients", coefficient_table(everything), "Coefficients of every model.", long=True),
        Exhibit("effects", impact_table(everything), "Effects of every model.", long=True),
    ]
    return Chapter("spillovers", "Does it spill over", parts)


def spatial_dependence(spillovers: Spillovers, strand: str) -> str:
    """Say the spatial parameter of a strand under each family of weights, and which spillovers stand out.

    Parameters
    ----------
    spillovers : Spillovers
        The fitted models.
    strand : str
        Name of a strand.

    Returns
    -------
    str
        A sentence or two.
    """
    models = [one for one in spillovers.main if one.strand == strand and one.model == "SDM"]
    rhos = ", ".join(
        f"{title(one.weights)} {number(one.results.params['rho'], 3)} ({pvalue(one.results.pvalues['rho'])})"
        for one in models
    )
    found = []
    for one in models:
        indirect = one.impacts[(one.impacts["effect"] == "indirect") & (one.impacts["pvalue"] < 0.05)]
        found += [
            f"{title(str(variable))} {number(estimate)} under {title(one.weights)}"
            for variable, estimate in zip(indirect["variable"], indirect["estimate"], strict=True)
        ]
    spill = "; ".join(found) if found else "none"
    return f"**{STRANDS[strand]}.** ρ of the Durbin model: {rhos}. Indirect effects other than zero at 5 %: {spill}."


def strand_parts(spillovers: Spillovers, strand: str) -> list[Part]:
    """Lay out one strand: coefficients, effects, and the figure of the effects.

    Parameters
    ----------
    spillovers : Spillovers
        The fitted models.
    strand : str
        Name of a strand.

    Returns
    -------
    list of Part
        Two tables and a figure.
    """
    models = [one for one in spillovers.main if one.strand == strand]
    durbin = [one for one in models if one.model == "SDM"]
    key = strand.replace(", ", "-").replace(" ", "-")
    plot = pd.concat([one.impacts.assign(model=title(one.weights)) for one in durbin], ignore_index=True)
    return [
        models_table(f"models-{key}", f"{STRANDS[strand]}: coefficients.", models),
        effects_exhibit(f"effects-{key}", f"{STRANDS[strand]}: effects of the Durbin models.", durbin),
        Drawing(
            f"effects-{key}-plot",
            effects_plot(plot, titles={name: title(name) for name in plot["variable"].unique()}),
            f"{STRANDS[strand]}: direct, indirect and total effects with 95 % intervals.",
            "Points with intervals for each regressor and effect, one colour a family of weights.",
            ESTIMATOR,
            wide=True,
        ),
    ]


def ladder(spillovers: Spillovers) -> Exhibit:
    """Show how the fixed effects change the answer.

    Parameters
    ----------
    spillovers : Spillovers
        The fitted models.

    Returns
    -------
    Exhibit
        The value-added strand under unit, time and two-way effects.
    """
    names = [f"{one.effects} effects" for one in spillovers.ladder]
    printed = side_by_side(spillovers.ladder, names)
    notes = [
        ESTIMATOR,
        "With time effects alone the levels of the cities are compared, with unit effects alone common shocks pass for "
        "spillovers: two-way effects are the ones to read.",
    ]
    return exhibit_of(
        "models-by-effects", "Value added, SDM under rail of the year, by fixed effects.", printed, notes
    )


def pooled_warning(spillovers: Spillovers) -> Caution:
    """Show once what the break of 2013 does to a run that ignores it.

    Parameters
    ----------
    spillovers : Spillovers
        The fitted models.

    Returns
    -------
    Caution
        Both estimates of ρ side by side.
    """
    right = next(one for one in spillovers.main if (one.strand, one.model) == ("employment", "SDM"))
    values = [
        f"{number(one.results.params['rho'], 3)} (se {one.results.std_errors['rho']:.3f})"
        for one in (right, spillovers.pooled)
    ]
    return Caution(
        f"Run as one window 2006-2019 with city and year effects, the employment strand gives ρ = {values[1]} under "
        f"contiguity; inside the windows it is {values[0]}. The difference is the coverage of the statistics, which "
        "widened by province in 2013: neighbours changed together because the yearbook did. No year effect absorbs it.",
        title="Do not pool across 2013",
    )


def dense_warning(spillovers: Spillovers) -> Caution:
    """Show once what a dense inverse-time W does under time effects.

    Parameters
    ----------
    spillovers : Spillovers
        The fitted models.

    Returns
    -------
    Caution
        The estimate and the warnings of the model itself.
    """
    one = spillovers.dense
    warned = " ".join(f"“{text}.”" for text in one.results.warnings)
    return Caution(
        "The literature often takes W = 1/(time + 60 min) over all pairs. Under time effects such a W is nearly the "
        f"time effect itself: ρ = {number(one.results.params['rho'], 3)} with a standard error of "
        f"{one.results.std_errors['rho']:.3f} inside ({number(one.results.rho_bounds[0])}, "
        f"{number(one.results.rho_bounds[1])}). The model says so: {warned}",
        title="A dense W leaves ρ unidentified",
    )


def holes(study: Study, spillovers: Spillovers) -> list[Part]:
    """Name the holes of the samples, what stands there, and what leaving the years out changes.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    spillovers : Spillovers
        The fitted models.

    Returns
    -------
    list of Part
        A table of holes and the estimates without their years.
    """
    table = pd.concat([one.holes.assign(strand=one.name) for one in spillovers.strands], ignore_index=True)
    table = table.assign(
        city=[cities(study, [code]) for code in table["unit"]], variable=table["variable"].map(title)
    )
    rhos = "; ".join(
        f"{one.strand}, under {title(one.weights)}: {number(one.results.params['rho'], 3)} "
        f"(se {one.results.std_errors['rho']:.3f})"
        for one in spillovers.without_holes
    )
    return [
        Exhibit(
            "holes",
            table[["strand", "city", "year", "variable", "value", "rule"]],
            "Cells that no source prints, and what stands there in the models.",
            notes=(
                f"ρ of the Durbin models without the years of these cells: {rhos}.",
                "GDP per head is GDP over resident population, or as printed in a year whose yearbook has no such "
                "population.",
            ),
            formats={"year": ".0f"},
        )
    ]
