"""Tables of fitted models for the report: coefficients and effects side by side."""

from collections.abc import Iterable, Sequence

import pandas as pd

from yrdspatial.replication.chapters.wording import title
from yrdspatial.replication.exhibits import Exhibit
from yrdspatial.replication.spillovers import DRAWS, Estimate
from yrdspatial.tables.regression import RegressionTable, regression_table
from yrdspatial.tables.speech import LANGUAGE, say, term

ESTIMATOR = (
    "Adjusted profile likelihood: the bias of the fixed effects is removed for weights that change every year; lags "
    "are formed before demeaning. Standard errors from the expected information."
)

HEADINGS = {"direct": "Direct effects", "indirect": "Indirect effects", "total": "Total effects"}


def terms(one: Estimate) -> pd.DataFrame:
    """Take the coefficients of a model in the form that `regression_table` wants.

    Parameters
    ----------
    one : Estimate
        A fitted model.

    Returns
    -------
    pandas.DataFrame
        Indexed by term; columns estimate, std_error, pvalue.
    """
    fit = one.results
    return pd.DataFrame({"estimate": fit.params, "std_error": fit.std_errors, "pvalue": fit.pvalues})


def footer(models: Sequence[Estimate], names: Sequence[str]) -> pd.DataFrame:
    """Give the foot of a table of models.

    Parameters
    ----------
    models : sequence of Estimate
        Fitted models.
    names : sequence of str
        Their columns.

    Returns
    -------
    pandas.DataFrame
        Rows effects, observations, sigma2, log-likelihood, AIC.
    """
    columns = {
        name: [
            term(one.effects),
            one.results.nobs,
            float(one.results.sigma2),
            float(one.results.loglik),
            float(one.results.aic),
        ]
        for name, one in zip(names, models, strict=True)
    }
    rows = [say("Fixed effects"), say("Observations"), "σ²", say("Adjusted log-likelihood"), "AIC"]
    return pd.DataFrame(columns, index=rows, dtype=object)


def models_table(key: str, caption: str, models: Sequence[Estimate]) -> Exhibit:
    """Print models side by side.

    Parameters
    ----------
    key : str
        Name of the table.
    caption : str
        What it shows.
    models : sequence of Estimate
        Fitted models.

    Returns
    -------
    Exhibit
        Three-line table.
    """
    printed = side_by_side(models, [name_of(one) for one in models])
    return exhibit_of(key, caption, printed, [say(ESTIMATOR), *warnings_of(models)])


def name_of(one: Estimate) -> str:
    """Name a model in print.

    Parameters
    ----------
    one : Estimate
        A fitted model.

    Returns
    -------
    str
        The model and its weights.
    """
    return say("{model}, {weights}", model=one.model, weights=title(one.weights))


def side_by_side(models: Sequence[Estimate], names: Sequence[str]) -> RegressionTable:
    """Lay models side by side, ρ in a block of its own.

    Parameters
    ----------
    models : sequence of Estimate
        Fitted models.
    names : sequence of str
        Their columns.

    Returns
    -------
    RegressionTable
        The cells.
    """
    tables = {name: terms(one) for name, one in zip(names, models, strict=True)}
    return regression_table(
        {
            "": {name: table.drop(index="rho") for name, table in tables.items()},
            say("Spatial lag of y"): {name: table.loc[["rho"]] for name, table in tables.items()},
        },
        footer=footer(models, names),
        labels={name: title(name) for table in tables.values() for name in table.index},
        lang=LANGUAGE.get(),
    )


def effects_exhibit(key: str, caption: str, models: Sequence[Estimate]) -> Exhibit:
    """Print direct, indirect and total effects side by side.

    Parameters
    ----------
    key : str
        Name of the table.
    caption : str
        What it shows.
    models : sequence of Estimate
        Fitted models.

    Returns
    -------
    Exhibit
        Three-line table, one block an effect.
    """
    blocks = {}
    for effect in ("direct", "indirect", "total"):
        blocks[say(HEADINGS[effect])] = {
            title(one.weights): one.impacts[one.impacts["effect"] == effect].set_index("variable")
            for one in models
        }
    names = {variable: title(variable) for variable in models[0].impacts["variable"].unique()}
    printed = regression_table(blocks, labels=names, lang=LANGUAGE.get())
    note = say("Means over cities and years; {draws} draws of all parameters.", draws=DRAWS)
    return exhibit_of(key, caption, printed, [note])


def exhibit_of(key: str, caption: str, printed: RegressionTable, notes: Iterable[str]) -> Exhibit:
    """Wrap a printed table of models.

    Parameters
    ----------
    key : str
        Name of the table.
    caption : str
        What it shows.
    printed : RegressionTable
        The cells.
    notes : iterable of str
        Notes beside those of the cells.

    Returns
    -------
    Exhibit
        The table with its notes.
    """
    frame = printed.frame.rename_axis("term")
    return Exhibit(key, frame, caption, (*printed.notes, *notes), rules=printed.rules)


def warnings_of(models: Iterable[Estimate]) -> list[str]:
    """Collect the warnings of the models.

    Parameters
    ----------
    models : iterable of Estimate
        Fitted models.

    Returns
    -------
    list of str
        One note a warning, with the model it belongs to.
    """
    return [
        say("{model}: {warning}.", model=name_of(one), warning=term(text))
        for one in models
        for text in one.results.warnings
    ]
