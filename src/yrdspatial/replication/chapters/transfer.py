"""Chapter 5 of the report: does industrial transfer spill over, on both strands, under three families of weights."""

from functools import partial

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
from yrdspatial.tables.speech import listed, say, term

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
            say(
                "A city's share of an industry may depend on its neighbours' shares (ρ) and on their characteristics "
                "(W × x). The spatial Durbin model holds both. Its coefficients are no effects: a change in one city "
                "comes back through its neighbours. What counts are the direct effect (own change), the indirect "
                "effect (sum over all other cities: the spillover) and their total, with standard errors from {draws} "
                "draws of all parameters (seed {seed}).",
                draws=DRAWS,
                seed=seed,
            )
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
        Exhibit(
            "coefficients", coefficient_table(everything), say("Coefficients of every model."), long=True
        ),
        Exhibit("effects", impact_table(everything), say("Effects of every model."), long=True),
    ]
    return Chapter("spillovers", say("Does it spill over"), parts)


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
    rhos = listed(
        say(
            "{weights} {rho} ({p})",
            weights=title(one.weights),
            rho=number(one.results.params["rho"], 3),
            p=pvalue(one.results.pvalues["rho"]),
        )
        for one in models
    )
    found = []
    for one in models:
        indirect = one.impacts[(one.impacts["effect"] == "indirect") & (one.impacts["pvalue"] < 0.05)]
        found += [
            say(
                "{variable} {estimate} under {weights}",
                variable=title(str(variable)),
                estimate=number(estimate),
                weights=title(one.weights),
            )
            for variable, estimate in zip(indirect["variable"], indirect["estimate"], strict=True)
        ]
    return say(
        "**{strand}.** ρ of the Durbin model: {rhos}. Indirect effects other than zero at 5 %: {spill}.",
        strand=say(STRANDS[strand]),
        rhos=rhos,
        spill=say("; ").join(found) or say("none"),
    )


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
    key, name = strand.replace(", ", "-").replace(" ", "-"), say(STRANDS[strand])
    plot = pd.concat([one.impacts.assign(model=title(one.weights)) for one in durbin], ignore_index=True)
    return [
        models_table(f"models-{key}", say("{strand}: coefficients.", strand=name), models),
        effects_exhibit(
            f"effects-{key}", say("{strand}: effects of the Durbin models.", strand=name), durbin
        ),
        Drawing(
            f"effects-{key}-plot",
            partial(effects_plot, plot, titles={one: title(one) for one in plot["variable"].unique()}),
            say("{strand}: direct, indirect and total effects with 95 % intervals.", strand=name),
            say("Points with intervals for each regressor and effect, one colour a family of weights."),
            say(ESTIMATOR),
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
    names = [say("{effects} effects", effects=term(one.effects)) for one in spillovers.ladder]
    printed = side_by_side(spillovers.ladder, names)
    notes = [
        say(ESTIMATOR),
        say(
            "With time effects alone the levels of the cities are compared, with unit effects alone common shocks pass "
            "for spillovers: two-way effects are the ones to read."
        ),
    ]
    caption = say("Value added, SDM under rail of the year, by fixed effects.")
    return exhibit_of("models-by-effects", caption, printed, notes)


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
        say(
            "{rho} (se {error:.3f})",
            rho=number(one.results.params["rho"], 3),
            error=one.results.std_errors["rho"],
        )
        for one in (right, spillovers.pooled)
    ]
    return Caution(
        say(
            "Run as one window 2006-2019 with city and year effects, the employment strand gives ρ = {pooled} under "
            "contiguity; inside the windows it is {windows}. The difference is the coverage of the statistics, which "
            "widened by province in 2013: neighbours changed together because the yearbook did. No year effect absorbs "
            "it.",
            pooled=values[1],
            windows=values[0],
        ),
        title=say("Do not pool across 2013"),
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
    warned = say(" ").join(say("“{warning}.”", warning=term(text)) for text in one.results.warnings)
    return Caution(
        say(
            "The literature often takes W = 1/(time + 60 min) over all pairs. Under time effects such a W is nearly "
            "the time effect itself: ρ = {rho} with a standard error of {error:.3f} inside ({low}, {high}). The model "
            "says so: {warned}",
            rho=number(one.results.params["rho"], 3),
            error=one.results.std_errors["rho"],
            low=number(one.results.rho_bounds[0]),
            high=number(one.results.rho_bounds[1]),
            warned=warned,
        ),
        title=say("A dense W leaves ρ unidentified"),
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
    rhos = say("; ").join(
        say(
            "{strand}, under {weights}: {rho} (se {error:.3f})",
            strand=term(one.strand),
            weights=title(one.weights),
            rho=number(one.results.params["rho"], 3),
            error=one.results.std_errors["rho"],
        )
        for one in spillovers.without_holes
    )
    return [
        Exhibit(
            "holes",
            table[["strand", "city", "year", "variable", "value", "rule"]],
            say("Cells that no source prints, and what stands there in the models."),
            notes=(
                say("ρ of the Durbin models without the years of these cells: {rhos}.", rhos=rhos),
                say(
                    "GDP per head is GDP over resident population, or as printed in a year whose yearbook has no such "
                    "population."
                ),
            ),
            formats={"year": ".0f"},
        )
    ]
