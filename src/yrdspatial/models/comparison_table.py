"""Models side by side: coefficients, effects and statistics in the layout that papers print."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.tables.regression import STARS, RegressionTable, regression_table
from yrdspatial.tables.render import table_html, table_latex

Language: TypeAlias = Literal["en", "zh"]
WORDS: dict[str, dict[str, str]] = {
    "en": {
        "direct": "Direct effects",
        "indirect": "Indirect effects",
        "total": "Total effects",
        "model": "Model",
        "unit": "Unit effects",
        "time": "Time effects",
        "window": "by window",
        "yes": "YES",
        "no": "NO",
        "random": "random",
        "corrected": "Bias corrected",
        "observations": "Observations",
        "rsquared": "R²",
        "sigma2": "σ²",
        "loglik": "Log-likelihood",
        "none": "none exists",
        "note": "Log-likelihoods compare only between models with the same effects and the same bias correction.",
    },
    "zh": {
        "direct": "直接效应",
        "indirect": "间接效应",
        "total": "总效应",
        "model": "模型",
        "unit": "地区效应",
        "time": "时间效应",
        "window": "分时段",
        "yes": "是",
        "no": "否",
        "random": "随机",
        "corrected": "偏误修正",
        "observations": "观测值",
        "rsquared": "R²",
        "sigma2": "σ²",
        "loglik": "对数似然值",
        "none": "不存在",
        "note": "仅当效应设定与偏误修正相同时，对数似然值方可比较。",
    },
}
GREEK = {"rho": "ρ", "lambda": "λ", "phi": "φ"}
LEGEND = {
    "en": ("Standard errors in brackets.", "* p < 0.10, ** p < 0.05, *** p < 0.01."),
    "zh": ("括号内为标准误。", "* p < 0.10，** p < 0.05，*** p < 0.01。"),
}


@dataclass(frozen=True)
class ComparisonTable:
    """A table of models side by side.

    Attributes
    ----------
    table : RegressionTable
        Cells, rules and notes.
    """

    table: RegressionTable

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html()

    def to_frame(self) -> pd.DataFrame:
        """Return the cells.

        Returns
        -------
        DataFrame
            One column a model, text as printed.
        """
        return self.table.frame.copy()

    def to_text(self) -> str:
        """Return the table as text.

        Returns
        -------
        str
            The table and its notes.
        """
        return "\n".join([self.table.frame.to_string(), "", *self.table.notes])

    def to_html(self) -> str:
        """Return the table as HTML.

        Returns
        -------
        str
            A table element and a paragraph for each note.
        """
        notes = [note.replace("&", "&amp;").replace("<", "&lt;") for note in self.table.notes]
        paragraphs = "\n".join(f"<p>{note}</p>" for note in notes)
        return f"{table_html(self.table.frame, rules=self.table.rules)}\n{paragraphs}"

    def to_latex(self, *, title: str = "Spatial panel models", label: str = "comparison") -> str:
        """Return the table as LaTeX, with the package booktabs alone.

        Parameters
        ----------
        title : str
            Caption.
        label : str
            Label, without "tab:".

        Returns
        -------
        str
            A table environment.
        """
        table = self.table
        return table_latex(table.frame, title=title, label=label, notes=table.notes, rules=table.rules)


def compare(
    models: Mapping[str, SpatialPanelResults],
    *,
    effects: bool = True,
    stars: bool = True,
    digits: int = 3,
    lang: Language = "en",
) -> ComparisonTable:
    """Lay fitted models side by side.

    Parameters
    ----------
    models : mapping of str to SpatialPanelResults
        Heads of the columns, such as the names of the weights, and the models.
    effects : bool
        Add direct, indirect and total effects with their standard errors (delta method).
    stars : bool
        Mark coefficients: * 10 %, ** 5 %, *** 1 %.
    digits : int
        Decimals.
    lang : {"en", "zh"}
        Language of the heads, the foot and the notes.

    Returns
    -------
    ComparisonTable
        ``to_text``, ``to_html``, ``to_latex``, ``to_frame``.

    Raises
    ------
    SpecificationError
        If there is no model, or the language is unknown.

    Examples
    --------
    >>> from yrdspatial.models.estimators import OLS
    >>> data = pd.DataFrame({"y": [1.0, 2.0, 2.0, 4.0], "x": [1.0, 2.0, 3.0, 4.0]}, index=list("abcd"))
    >>> fitted = OLS(data, "y ~ x", effects="pooled").fit()
    >>> compare({"OLS": fitted}, effects=False).to_frame().loc["x", "OLS"]
    '0.900***'
    """
    if not models:
        raise SpecificationError("there is no model to compare", cure='pass {"name": results}')
    if lang not in WORDS:
        raise SpecificationError(f"unknown language {lang!r}", cure='use "en" or "zh"')
    words = WORDS[lang]
    blocks: dict[str, dict[str, pd.DataFrame]] = {"": {name: one.to_frame() for name, one in models.items()}}
    if effects:
        tables = {name: one.impacts().table for name, one in models.items()}
        for kind in ("direct", "indirect", "total"):
            blocks[words[kind]] = {
                name: table[table["effect"] == kind].set_index("variable") for name, table in tables.items()
            }
    footer = pd.DataFrame({name: _statistics(one, words) for name, one in models.items()})
    table = regression_table(
        blocks, footer=footer, labels=_labels(models), digits=digits, stars=STARS if stars else ()
    )
    legend = LEGEND[lang] if stars else LEGEND[lang][:1]
    return ComparisonTable(RegressionTable(table.frame, table.rules, (*legend, words["note"])))


def _labels(models: Mapping[str, SpatialPanelResults]) -> dict[str, str]:
    names = dict.fromkeys(name for one in models.values() for name in one.params.index)
    out = {}
    for name in names:
        head, _, tail = str(name).partition("_")
        if head in GREEK:
            out[name] = GREEK[head] + (f" {tail}" if tail else "")
        elif head == "W":
            out[name] = f"W×{tail}"
    return out


def _statistics(results: SpatialPanelResults, words: Mapping[str, str]) -> "pd.Series[Any]":
    effects, random = results.design.problem.effects, results.design.problem.random
    windows = f" ({words['window']})" if len(results.design.windows) > 1 else ""
    unit = words["random"] if random else words["yes"] + windows if effects.unit else words["no"]
    corrected = results.bias == "adjusted" and bool(effects.unit or effects.time)
    values: dict[str, object] = {
        words["model"]: results.spec.model,
        words["unit"]: unit,
        words["time"]: words["yes"] if effects.time else words["no"],
        words["corrected"]: words["yes"] if corrected else words["no"],
        words["observations"]: results.nobs,
        words["rsquared"]: results.rsquared,
        words["sigma2"]: results.sigma2,
        words["loglik"]: words["none"] if results.fit.loglik is None else results.fit.loglik,
    }
    return pd.Series(values, dtype=object)
