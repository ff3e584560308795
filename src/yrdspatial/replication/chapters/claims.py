"""Chapter of the report on the paper: every claim with its verdict, and where the source contradicts itself."""

import pandas as pd

from yrdspatial.datasets import read_table
from yrdspatial.replication.claims import count_verdicts
from yrdspatial.replication.exhibits import Chapter, Exhibit
from yrdspatial.report.html import Bullets, Caution, Paragraph
from yrdspatial.tables.speech import say, term

SHOWN = ["id", "verdict", "statement", "printed", "computed", "gap", "why"]
MEANINGS = {
    "replicated": "the rule holds on the data that it names",
    "replicated under another vintage": "it holds on another state of the figures, or on employment for output",
    "not replicated": "it does not hold",
    "source inconsistent": "the source contradicts itself or a document it rests on",
    "not testable": "the table that would decide is not there, and is named",
    "recorded": "a fact or list that only the source gives",
}


def claims_chapter(claims: pd.DataFrame) -> Chapter:
    """Show the verdicts, counted and one by one.

    Parameters
    ----------
    claims : pandas.DataFrame
        As returned by `yrdspatial.replication.claims.check_claims`.

    Returns
    -------
    Chapter
        Counts, defects, and the whole table.
    """
    counts = count_verdicts(claims).reset_index()
    return Chapter(
        "claims",
        say("Is the paper right"),
        [
            Paragraph(
                say(
                    "{count} claims of the study, restated in our words, each with a rule fixed before the "
                    "computation. The rule of a claim decides; no match is forced and no claim is left out. Claims on "
                    "structure in space are one family of {tests} tests, adjusted for their number (Benjamini and "
                    "Hochberg); signs must agree under three of four families of weights.",
                    count=len(claims),
                    tests=int(claims["p_fdr"].notna().sum()),
                )
            ),
            Bullets(
                [
                    say("**{verdict}**: {meaning}.", verdict=term(verdict), meaning=say(MEANINGS[verdict]))
                    for verdict in MEANINGS
                ]
            ),
            Exhibit(
                "claims-by-verdict",
                counts,
                say("Verdicts by type of claim."),
                notes=(
                    say(
                        "D trend, E structure in space, F institutional fact, L link between places, M proposition of "
                        "the literature, N number, R order, S set, T threshold."
                    ),
                ),
                formats=dict.fromkeys(counts.columns[1:], ".0f"),
            ),
            Caution(waiting(claims), title=say("What would decide more")),
            Exhibit(
                "defects",
                defects_table(claims),
                say("Where the source contradicts itself, or leaves open what it means."),
                notes=(
                    say("Rows that hold all the same are judged by their rule; the defect stands beside."),
                ),
            ),
            Exhibit(
                "claims-and-verdicts",
                claims[SHOWN],
                say("Every claim with its verdict."),
                notes=(say(FULL),),
                filters=["verdict"],
            ),
        ],
    )


FULL = (
    "The file claims.csv beside the report has rule, data, vintage, weights, seed, p-values before and after "
    "adjustment, and proxies, which do not decide."
)


def waiting(claims: pd.DataFrame) -> str:
    """Say how many claims wait for a table that a user can add.

    Parameters
    ----------
    claims : pandas.DataFrame
        The verdicts.

    Returns
    -------
    str
        Two sentences.
    """
    why = claims.loc[claims["verdict"] == "not testable", "why"]
    waits = {name: int(why.str.contains(f"panels/{name}").sum()) for name in ("manufacturing", "services")}
    return say(
        "Of the {count} claims that cannot be tested, {manufacturing} wait for manufacturing by two-digit industry and "
        "{services} for value added of services by branch: put panels/manufacturing/<year>.csv or "
        "panels/services/<year>.csv (templates in data/claims) into a data folder of your own.",
        count=len(why),
        **waits,
    )


def defects_table(claims: pd.DataFrame) -> pd.DataFrame:
    """List the defects of the source with the verdicts of the claims they touch.

    Parameters
    ----------
    claims : pandas.DataFrame
        The verdicts.

    Returns
    -------
    pandas.DataFrame
        Columns defect, kind, what, claims, found: twelve rows.
    """
    table = read_table("claims/defects.csv")
    touched = [str(cell).split() for cell in table["claims"]]
    verdicts = dict(zip(claims["id"].astype(str), claims["verdict"].astype(str), strict=True))
    why = dict(zip(claims["id"].astype(str), claims["why"].astype(str), strict=True))
    return pd.DataFrame(
        {
            "defect": table["defect"],
            "kind": table["kind"],
            "what": table["what"],
            "claims": [
                say("; ").join(
                    say("{claim}: {verdict}", claim=name, verdict=term(verdicts[name])) for name in names
                )
                for names in touched
            ],
            "found": [
                next((why[name] for name in names[::-1] if verdicts[name] != "not testable"), "")
                for names in touched
            ],
        }
    )
