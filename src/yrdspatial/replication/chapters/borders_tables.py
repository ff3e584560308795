"""Tables on spillovers within provinces and across their borders."""

import pandas as pd

from yrdspatial.replication.borders import BorderFindings
from yrdspatial.replication.chapters.naming import decimal, name
from yrdspatial.replication.exhibits import Exhibit
from yrdspatial.tables.cells import Format
from yrdspatial.tables.speech import say

SAMPLE_NAMES = {
    "all": "all cities",
    "no Shanghai": "without Shanghai",
    "no capitals": "without Shanghai and capitals",
}
SAMPLE_HEADS = {
    "strand": "strand",
    "weights": "weights",
    "sample": "sample",
    "rho_within": "ρ within",
    "within_error": "std. error",
    "rho_across": "ρ across",
    "across_error": "std. error, across",
    "statistic": "Wald",
    "pvalue": "p",
}
HEADS = {
    "strand": "strand",
    "weights": "weights",
    "term": "term",
    "statistic": "Wald",
    "df": "df",
    "pvalue": "p",
    "p_fdr": "p, FDR",
}


def sample_name(sample: str) -> str:
    """Say a sample.

    Parameters
    ----------
    sample : str
        Its name in the data; a period stays as it is.

    Returns
    -------
    str
        In words.

    Examples
    --------
    >>> sample_name("no Shanghai"), sample_name("2006-2012")
    ('without Shanghai', '2006-2012')
    """
    return say(SAMPLE_NAMES[sample]) if sample in SAMPLE_NAMES else sample


def samples_table(borders: BorderFindings) -> Exhibit:
    """Tabulate ρ on both sides of the border by sample.

    Parameters
    ----------
    borders : BorderFindings
        Estimates by side of the border.

    Returns
    -------
    Exhibit
        One row a strand, family of weights and sample.
    """
    table = borders.samples
    words = {
        "strand": table["strand"].map(name),
        "weights": table["weights"].map(name),
        "sample": table["sample"].map(sample_name),
    }
    heads = {column: say(SAMPLE_HEADS[column]) for column in SAMPLE_HEADS}
    formats: dict[str, Format] = dict.fromkeys(list(SAMPLE_HEADS)[3:], ".3f")
    formats |= {"statistic": ".2f", "pvalue": decimal}
    starts = table.groupby(["strand", "weights"], sort=False).size().cumsum().to_list()[:-1]
    return Exhibit(
        "border-samples",
        table,
        say("ρ within provinces and across their borders, by sample."),
        notes=(
            say("Durbin models; Wald test that both are the same; not adjusted for the number of tests."),
        ),
        formats={heads[column]: one for column, one in formats.items()},
        rules=starts,
        shown=table.assign(**words)[list(heads)].rename(columns=heads),
    )


def wald_table(tests: pd.DataFrame) -> Exhibit:
    """Tabulate the tests.

    Parameters
    ----------
    tests : pandas.DataFrame
        As of `adjusted`.

    Returns
    -------
    Exhibit
        One row a model and coefficient.
    """
    shown = tests.assign(
        strand=tests["strand"].map(name),
        weights=tests["weights"].map(name),
        term=[say("all together") if term == "all" else name(term) for term in tests["term"]],
    )
    heads = {column: say(HEADS[column]) for column in HEADS}
    formats: dict[str, Format] = {"statistic": ".2f", "df": ".0f", "pvalue": decimal, "p_fdr": decimal}
    starts = tests.groupby(["strand", "weights"], sort=False).size().cumsum().to_list()[:-1]
    return Exhibit(
        "border-tests",
        tests,
        say(
            "Are the coefficients of neighbours the same within a province and across its border: Wald tests."
        ),
        notes=(say("Durbin models; FDR over the single coefficients, and over the joint tests."),),
        formats={heads[column]: one for column, one in formats.items()},
        rules=starts,
        shown=shown[list(heads)].rename(columns=heads),
    )
