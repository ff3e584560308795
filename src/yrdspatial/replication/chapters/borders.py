"""Chapter of the report beyond the paper: do spillovers cross provincial borders."""

from functools import partial

import pandas as pd

from yrdspatial.autocorrelation.adjustment import adjust
from yrdspatial.replication.borders import BorderFindings
from yrdspatial.replication.chapters.borders_tables import sample_name, samples_table, wald_table
from yrdspatial.replication.chapters.naming import interval, name, row_of
from yrdspatial.replication.chapters.wording import pvalue
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit
from yrdspatial.report.html import Bullets, Caution, Paragraph
from yrdspatial.report.intervals import interval_plot
from yrdspatial.tables.speech import say

LEVEL = 0.05
SHARED = "log_gdp_head"


def borders_chapter(borders: BorderFindings) -> Chapter:
    """Show spillovers within provinces and across their borders, and the tests between them.

    Parameters
    ----------
    borders : BorderFindings
        Estimates by side of the border.

    Returns
    -------
    Chapter
        A figure and two tables.
    """
    tests = adjusted(borders.tests)
    return Chapter(
        "borders",
        say("Do spillovers cross provincial borders"),
        [
            Paragraph(verdict(tests)),
            Bullets([side_point(borders, strand, "contiguity") for strand in ("employment", "value added")]),
            Caution(shanghai_point(borders), title=say("Shanghai is a province of its own")),
            Caution(weights_point(borders), title=say("A small number is not a barrier")),
            Drawing(
                "border-effects",
                partial(interval_plot, plot_table(borders), titles=titles(borders)),
                say(
                    "ρ and the indirect effect of GDP per head within provinces and across their borders, 95 %."
                ),
                say("Two panels of dots with intervals, a row for each strand and family of weights."),
                say(
                    "Durbin models with two weights, each link divided by the sum of all links of the city; effects "
                    "by the pairs of cities over which they pass, means over cities; standard errors by the delta "
                    "method."
                ),
                wide=True,
            ),
            wald_table(tests),
            samples_table(borders),
            Exhibit(
                "border-parameters", borders.parameters, say("Coefficients by side of the border."), long=True
            ),
            Exhibit(
                "border-effects-all",
                borders.effects,
                say("Indirect effects by side of the border."),
                long=True,
            ),
        ],
    )


def adjusted(tests: pd.DataFrame) -> pd.DataFrame:
    """Keep the tests of the Durbin models, adjusted for their number.

    Parameters
    ----------
    tests : pandas.DataFrame
        As ``BorderFindings.tests``.

    Returns
    -------
    pandas.DataFrame
        With p_fdr over the tests of single coefficients and over the joint tests.
    """
    table = tests[tests["model"] == "SDM"].reset_index(drop=True)
    joint = table["term"] == "all"
    table["p_fdr"] = 1.0
    for rows in (joint, ~joint):
        table.loc[rows, "p_fdr"] = adjust(table.loc[rows, "pvalue"].to_numpy())
    return table


def verdict(tests: pd.DataFrame) -> str:
    """Say whether the two sides of the border differ.

    Parameters
    ----------
    tests : pandas.DataFrame
        As of `adjusted`.

    Returns
    -------
    str
        Three sentences.
    """
    lags, joint = tests[tests["term"] == "rho"], tests[tests["term"] == "all"]
    apart = joint[joint["p_fdr"] < LEVEL]
    listed_ = say("; ").join(
        say(
            "{strand} under {weights} ({p})",
            strand=name(one["strand"]),
            weights=name(one["weights"]),
            p=pvalue(one["p_fdr"]),
        )
        for one in apart.to_dict("records")
    )
    return say(
        "The pull of neighbours' shares (ρ) within a province and across its border is told apart in {count} of "
        "{models} Durbin models at 5 %. All coefficients of the neighbours together are told apart in {joint} of "
        "{models}, false discovery rate held at 5 %: {which}.",
        count=int((lags["p_fdr"] < LEVEL).sum()),
        models=len(lags),
        joint=len(apart),
        which=listed_ or say("none"),
    )


def side_point(borders: BorderFindings, strand: str, weights: str) -> str:
    """Say what passes within provinces and across borders on one strand.

    Parameters
    ----------
    borders : BorderFindings
        Estimates by side of the border.
    strand, weights : str
        Which model.

    Returns
    -------
    str
        Two sentences.
    """
    labels = {"strand": strand, "model": "SDM", "weights": weights}
    rho = {part: row_of(borders.parameters, **labels, term="rho", part=part) for part in ("within", "across")}
    sent = {
        part: row_of(borders.effects, **labels, variable=SHARED, pairs=part) for part in ("within", "across")
    }
    crosses = (
        say("it crosses the border")
        if sent["across"]["pvalue"] < LEVEL
        else say("that it crosses the border cannot be told from chance")
    )
    return say(
        "**{strand}**, {weights}: ρ is {rho_within} within and {rho_across} across. One log point more GDP per head "
        "in every other city moves a city by {within} over links inside its province and by {across} over the border "
        "({p}): {crosses}.",
        strand=name(strand),
        weights=name(weights),
        rho_within=interval(rho["within"]),
        rho_across=interval(rho["across"]),
        within=interval(sent["within"]),
        across=interval(sent["across"]),
        p=pvalue(float(sent["across"]["pvalue"])),
        crosses=crosses,
    )


def shanghai_point(borders: BorderFindings) -> str:
    """Say how often ρ is told apart without Shanghai, and inside each period.

    Parameters
    ----------
    borders : BorderFindings
        Estimates by side of the border.

    Returns
    -------
    str
        Two sentences.
    """
    table = borders.samples
    counts = []
    for sample, rows in table.groupby("sample", sort=False):
        counts.append(
            say(
                "{sample} {clear} of {all}",
                sample=sample_name(str(sample)),
                clear=int((rows["pvalue"] < LEVEL).sum()),
                all=len(rows),
            )
        )
    return say(
        "Every link of Shanghai crosses a border, so that what sets Shanghai apart looks like a border. ρ within and "
        "across told apart at 5 %, before any adjustment: {counts} ([[border-samples]]).",
        counts=say("; ").join(counts),
    )


def weights_point(borders: BorderFindings) -> str:
    """Say how much of the weights lies across the border at all.

    Parameters
    ----------
    borders : BorderFindings
        Estimates by side of the border.

    Returns
    -------
    str
        Two sentences.
    """
    last = borders.links.groupby("weights", sort=False).tail(1)
    parts = say("; ").join(
        say(
            "{weights} {across} of {all} links ({share:.0f} % of the weight)",
            weights=name(one["weights"]),
            across=one["across"],
            all=one["across"] + one["within"],
            share=100 * one["share_across"],
        )
        for one in last.to_dict("records")
    )
    return say(
        "Few links cross a border: in {year}, {parts}. A small effect across the border is first of all this; "
        "whether a link across counts less than one inside is what the Wald tests ask.",
        year=int(last["year"].max()),
        parts=parts,
    )


def plot_table(borders: BorderFindings) -> pd.DataFrame:
    """Lay ρ and the indirect effects out for the figure.

    Parameters
    ----------
    borders : BorderFindings
        Estimates by side of the border.

    Returns
    -------
    pandas.DataFrame
        Columns row, panel, series, estimate, lower, upper.
    """
    rho = borders.parameters.query("model == 'SDM' and term == 'rho'").rename(columns={"part": "series"})
    sent = borders.effects.query("model == 'SDM' and variable == @SHARED").rename(columns={"pairs": "series"})
    both = pd.concat([rho.assign(panel="rho"), sent.assign(panel="indirect")], ignore_index=True)
    both = both.sort_values("series", ascending=False, kind="stable")
    order = both["strand"].map({"employment": 0, "value added": 1})
    both = both.assign(row=both["strand"] + "/" + both["weights"], order=order).sort_values(
        "order", kind="stable"
    )
    return both.loc[:, ["row", "panel", "series", "estimate", "lower", "upper"]]


def titles(borders: BorderFindings) -> dict[str, str]:
    """Say the rows, panels and series of the figure.

    Parameters
    ----------
    borders : BorderFindings
        Estimates by side of the border.

    Returns
    -------
    dict of str to str
        Text by key.
    """
    pairs = borders.parameters[["strand", "weights"]].drop_duplicates()
    rows = {
        "/".join((one["strand"], one["weights"])): say(
            "{strand}, {weights}", strand=name(one["strand"]), weights=name(one["weights"])
        )
        for one in pairs.to_dict("records")
    }
    panels = {"rho": "ρ", "indirect": say("indirect effect of ln GDP per head")}
    return {**rows, **panels, **{part: name(part) for part in ("within", "across")}}
