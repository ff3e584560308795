"""Models side by side: coefficients, effects and statistics in the layout that papers print."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.models.comparison_notes import Compared, notes_of, notes_of_effects
from yrdspatial.models.comparison_words import WORDS
from yrdspatial.models.instrumental_results import InstrumentalResults
from yrdspatial.models.specification import CONSTANT
from yrdspatial.tables.excel import tables_xlsx
from yrdspatial.tables.files import write_file
from yrdspatial.tables.phrases import Language
from yrdspatial.tables.printed import PrintedTable
from yrdspatial.tables.regression import Convention, RegressionTable, Stars, regression_table
from yrdspatial.tables.render import table_html, table_latex
from yrdspatial.tables.word import tables_docx

GREEK = {"rho": "ρ", "lambda": "λ", "phi": "φ"}
PAST = {"y_lag": "y(t−1)", "W_y_lag": "W×y(t−1)"}
KINDS = ("direct", "indirect", "total")


@dataclass(frozen=True)
class ComparisonTable:
    r"""A table of models side by side.

    Attributes
    ----------
    table : RegressionTable
        Cells, rules and notes.
    title : str
        Stands above where no other is given.
    lang : {"en", "zh"}
        Language of the fixed words.

    Examples
    --------
    >>> from yrdspatial.models.estimators import OLS
    >>> data = pd.DataFrame({"y": [1.0, 2.0, 2.0, 4.0], "x": [1.0, 2.0, 3.0, 4.0]}, index=list("abcd"))
    >>> table = compare({"OLS": OLS(data, "y ~ x", effects="pooled").fit()}, effects=False, stars=False)
    >>> print(table.to_latex().splitlines()[7])
    x & 0.900 \\
    """

    table: RegressionTable
    title: str
    lang: Language

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        return self.to_html()

    def printed(self, title: str | None = None) -> PrintedTable:
        """Return the table as every writer of tables takes it.

        Parameters
        ----------
        title : str, optional
            Stands above.

        Returns
        -------
        PrintedTable
            Cells, title, notes and rules.
        """
        return PrintedTable(self.table.frame, title or self.title, self.table.notes, rules=self.table.rules)

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
        paragraphs = "\n".join(f"<p>{escape(note, quote=False)}</p>" for note in self.table.notes)
        return f"{table_html(self.table.frame, rules=self.table.rules, lang=self.lang)}\n{paragraphs}"

    def to_latex(self, *, title: str | None = None, label: str = "comparison") -> str:
        """Return the table as a LaTeX three-line table, with the package booktabs alone.

        Parameters
        ----------
        title : str, optional
            Caption.
        label : str
            Label, without "tab:".

        Returns
        -------
        str
            A table environment; Chinese needs XeLaTeX or LuaLaTeX.
        """
        one = self.printed(title)
        return table_latex(
            one.frame, title=one.title, label=label, notes=one.notes, rules=one.rules, lang=self.lang
        )

    def to_docx(self, path: str | Path, *, title: str | None = None) -> Path:
        """Write the table as a three-line table (三线表) of Word.

        Parameters
        ----------
        path : str or Path
            Where, such as ``"table2.docx"``; missing folders are made.
        title : str, optional
            Stands above.

        Returns
        -------
        Path
            The file: the same table gives the same bytes.
        """
        return write_file(path, tables_docx([self.printed(title)], lang=self.lang))

    def to_excel(self, path: str | Path, *, title: str | None = None) -> Path:
        """Write the table for Excel; numbers stay numbers and show their stars and brackets by their format.

        Parameters
        ----------
        path : str or Path
            Where, such as ``"table2.xlsx"``; missing folders are made.
        title : str, optional
            Stands above.

        Returns
        -------
        Path
            The file: the same table gives the same bytes.
        """
        return write_file(path, tables_xlsx([self.printed(title)], lang=self.lang))


def compare(
    models: Mapping[str, Compared],
    *,
    effects: bool = True,
    stars: bool | Convention | Stars = True,
    digits: int = 3,
    lang: Language = "en",
    controls: Iterable[str] = (),
    seed: int | None = None,
) -> ComparisonTable:
    """Lay fitted models side by side, in the layout of the robustness tables that papers print.

    Terms, their spatial lags, ρ and λ, each over its standard error in brackets; direct, indirect and total effects;
    controls, effects, observations and fit. The notes are read off the models: sample, windows, bias correction,
    standard errors, weights, warnings, flagged values.

    Parameters
    ----------
    models : mapping of str to SpatialPanelResults or InstrumentalResults
        Heads of the columns, such as the names of the weights, and the models, fitted or loaded.
    effects : bool
        Add direct, indirect and total effects with their standard errors.
    stars : bool, {"zh", "en"} or sequence of (float, str)
        Mark coefficients: True and "zh" by * 10 %, ** 5 %, *** 1 %, the custom of Chinese journals; "en" by * 5 %,
        ** 1 %, *** 0.1 %; or by levels of your own. The legend states them.
    digits : int
        Decimals.
    lang : {"en", "zh"}
        Language of the heads, the foot and the notes.
    controls : iterable of str
        Terms that are not shown, nor are their lags and effects: the foot says in which models they are.
    seed : int, optional
        Standard errors of effects by a simulation of 1,000 draws with this seed; by the delta method without.

    Returns
    -------
    ComparisonTable
        ``to_text``, ``to_html``, ``to_latex``, ``to_docx``, ``to_excel``, ``to_frame``.

    Raises
    ------
    SpecificationError
        If there is no model, the language is unknown, or a control is in no model.

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
    words, hidden = WORDS[lang], _hidden(models, controls)
    blocks: dict[str, dict[str, pd.DataFrame]] = {
        "": {name: _coefficients(one, hidden) for name, one in models.items()}
    }
    notes = notes_of(models, words)
    if effects:
        found = {name: one.impacts(**_how(seed)) for name, one in models.items()}
        notes += notes_of_effects(found, seed, words)
        for kind in KINDS:
            blocks[words[kind]] = {
                name: one.table[
                    (one.table["effect"] == kind) & ~one.table["variable"].isin(hidden)
                ].set_index("variable")
                for name, one in found.items()
            }
    footer = pd.DataFrame({name: _statistics(one, hidden, words) for name, one in models.items()})
    levels: Convention | Stars = stars if not isinstance(stars, bool) else "zh" if stars else ()
    table = regression_table(
        blocks,
        footer=footer,
        labels=_labels(models),
        order=_order(models),
        digits=digits,
        stars=levels,
        lang=lang,
    )
    controls_note = [words["hidden"].format(names=words["comma"].join(hidden))] if hidden else []
    notes = [*table.notes, *controls_note, *notes, words["note"]]
    return ComparisonTable(RegressionTable(table.frame, table.rules, tuple(notes)), words["title"], lang)


def _how(seed: int | None) -> dict[str, Any]:
    return {} if seed is None else {"method": "simulation", "seed": seed}


def _hidden(models: Mapping[str, Compared], controls: Iterable[str]) -> list[str]:
    asked = [controls] if isinstance(controls, str) else list(controls)
    terms = list(dict.fromkeys(term for one in models.values() for term in one.spec.terms))
    unknown = [name for name in asked if name not in terms]
    if unknown:
        cure = f"the models have {', '.join(terms)}"
        raise SpecificationError("controls name no term of the models", where=", ".join(unknown), cure=cure)
    return asked


def _order(models: Mapping[str, Compared]) -> list[str]:
    # Terms before their lags before spatial parameters before the constant, whichever model has them.
    ranks: dict[str, int] = {}
    for one in models.values():
        own = {*one.spec.terms, *one.spec.lags}
        for name in one.spec.parameters:
            rank = 2 if name not in one.spec.regressors else 0 if name in own else 1
            ranks.setdefault(name, 3 if name == CONSTANT else rank)
    return sorted(ranks, key=ranks.__getitem__)


def _coefficients(one: Compared, hidden: list[str]) -> pd.DataFrame:
    away = [f"{part}{name}" for name in hidden for part in ("", *_prefixes(one), "mean_", "mean_W_")]
    return one.to_frame().drop(index=away, errors="ignore")


def _prefixes(one: Compared) -> list[str]:
    return [f"W_{part}_" for part in one.spec.x_parts] or ["W_"]


def _labels(models: Mapping[str, Compared]) -> dict[str, str]:
    out = dict(PAST)
    for one in models.values():
        lagged = {
            prefix + name: f"{prefix[:-1].replace('_', ' ')}×{name}"
            for prefix in _prefixes(one)
            for name in one.spec.durbin
        }
        means = {f"mean_{name}": f"mean {lagged.get(name, name)}" for name in one.spec.means}
        spatial = {
            name: name.replace(name.partition("_")[0], GREEK[name.partition("_")[0]], 1).replace("_", " ")
            for name in one.spec.parameters[len(one.spec.regressors) :]
        }
        out |= lagged | means | spatial
    return out


def _statistics(results: Compared, hidden: list[str], words: Mapping[str, str]) -> "pd.Series[Any]":
    design = results.design
    effects, random = design.problem.effects, design.problem.random
    windows = words["window"] if len(design.windows) > 1 else ""
    grouped = words["group"].format(name=results.spec.effects.rpartition(" x ")[2])
    groups = grouped if len(design.groups) > 1 else ""
    unit = words["random"] if random else words["yes"] + windows if effects.unit else words["no"]
    loglik, aic, corrected = _likelihood(results, words)
    own = [name for name in hidden if name in results.spec.terms]
    values: dict[str, object] = {
        words["model"]: results.spec.model,
        **({words["controls"]: words["yes"] if own else words["no"]} if hidden else {}),
        words["unit"]: unit,
        words["time"]: words["yes"] + groups if effects.time else words["no"],
        words["corrected"]: words["yes"] if corrected and (effects.unit or effects.time) else words["no"],
        words["observations"]: results.nobs,
        words["rsquared"]: results.rsquared,
        words["sigma2"]: results.sigma2,
        words["loglik"]: loglik,
        words["aic"]: aic,
    }
    return pd.Series(values, dtype=object)


def _likelihood(results: Compared, words: Mapping[str, str]) -> tuple[object, object, bool]:
    # Log-likelihood, AIC, and whether the likelihood was adjusted for the effects.
    if isinstance(results, InstrumentalResults):
        return words["none"], words["none"], False
    known = results.fit.loglik is not None
    adjusted = results.bias == "adjusted"
    return (results.loglik, results.aic, adjusted) if known else (words["none"], words["none"], adjusted)
