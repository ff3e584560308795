"""The report of a check: for people on a terminal or in a browser, in English or Chinese, and for machines."""

import html
import json
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.panel.gaps import unit_name
from yrdspatial.panel.problems import SEVERITIES

Language = Literal["en", "zh"]
SHOWN = 8
STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:75em;margin:2em auto;padding:0 1em}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.25em .6em;vertical-align:top}"
    "thead th{border-bottom:1px solid #000}tbody tr+tr td{border-top:1px solid #ddd}"
    ".error td:first-child{color:#b00020;font-weight:bold}.warning td:first-child{color:#8a5a00}"
)
TERMS: dict[Language, dict[str, str]] = {
    "en": {
        "error": "error",
        "warning": "warning",
        "note": "note",
        "counts": "{error} errors, {warning} warnings, {note} notes",
        "changes": "{total} figures would change ({kinds}), {unchanged} stay as they are",
        "ok": "the year can be added",
        "not ok": "the year cannot be added: cure the errors",
        "written": "written: {written}",
        "expected": "expected",
        "more": "and {count} more like it",
        "heads": "severity|city|column|value|expected|what|cure|place",
        "kinds": "new=new|finer=finer|clash=clash|kept=kept|replaced=replaced|both=both",
    },
    "zh": {
        "error": "错误",
        "warning": "警告",
        "note": "提示",
        "counts": "{error} 个错误,{warning} 个警告,{note} 个提示",
        "changes": "{total} 个数值将变动({kinds}),{unchanged} 个不变",
        "ok": "该年份可以加入",
        "not ok": "该年份不能加入:请先更正错误",
        "written": "已写入:{written}",
        "expected": "应为",
        "more": "另有 {count} 个同类",
        "heads": "级别|城市|指标|数值|应为|问题|处理办法|位置",
        "kinds": "new=新增|finer=更精确|clash=冲突|kept=保留原值|replaced=替换|both=并存",
    },
}


@dataclass(frozen=True, eq=False, repr=False)
class CheckReport:
    """What a check found and what adding the year changes.

    Parameters
    ----------
    year : int
        Data year.
    problems : pandas.DataFrame
        One row a finding: ``severity`` (error, warning, note), ``rule``, ``unit``, ``city``, ``year``, ``column``,
        ``value``, ``expected``, ``text_en``, ``text_zh``, ``cure``, ``cure_zh``, ``place``.
    changes : pandas.DataFrame
        One row a figure that changes: ``adcode``, ``variable``, ``old``, ``new``, ``kind`` (new, finer, clash, kept,
        replaced, both), ``vintage``, ``in_force``.
    unchanged : int
        Figures of the tables that the panel has already.
    written : str
        The file written; empty when nothing was.

    Examples
    --------
    >>> from yrdspatial.panel.merging import CHANGES
    >>> from yrdspatial.panel.problems import finding, problem_table
    >>> problems = problem_table([finding("coverage.none", "error", 2023)])
    >>> report = CheckReport(2023, problems, pd.DataFrame(columns=list(CHANGES)), 0)
    >>> report.ok
    False
    >>> print(report.to_text().splitlines()[0])
    2023: 1 errors, 0 warnings, 0 notes; 0 figures would change (), 0 stay as they are
    """

    year: int
    problems: pd.DataFrame
    changes: pd.DataFrame
    unchanged: int
    written: str = ""

    @property
    def ok(self) -> bool:
        """Tell whether nothing keeps the year out.

        Returns
        -------
        bool
            True without an error.
        """
        return not (self.problems["severity"] == "error").any()

    def __repr__(self) -> str:
        return f"CheckReport({self._head('en')})"

    def to_text(self, lang: Language = "en") -> str:
        """Return the report for a terminal.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language.

        Returns
        -------
        str
            A line of counts, a line a finding and a change (eight of a kind at most), a line that says what follows.
        """
        terms = _terms(lang)
        lines = [self._head(lang)]
        for _, alike in self.problems.groupby(["severity", "rule", "column"], sort=False):
            lines += [_line(row, lang) for row in alike.head(SHOWN).to_dict("records")]
            if len(alike) > SHOWN:
                lines.append("  " + terms["more"].format(count=len(alike) - SHOWN))
        return "\n".join([*lines, *self._changed(lang), *self._foot(lang)])

    def to_html(self, lang: Language = "en") -> str:
        """Return the report as one page.

        Parameters
        ----------
        lang : {"en", "zh"}
            Language.

        Returns
        -------
        str
            Self-contained HTML with every finding.
        """
        heads = _terms(lang)["heads"].split("|")
        title = html.escape(self._head(lang))
        body = "".join(_row(row, lang) for row in self.problems.to_dict("records"))
        head = "".join(f"<th>{html.escape(text)}</th>" for text in heads)
        foot = "".join(f"<p>{html.escape(text)}</p>" for text in self._foot(lang))
        return (
            f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title>'
            f"<style>{STYLE}</style></head>\n<body><h1>{title}</h1>{foot}\n"
            f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></body></html>\n"
        )

    def to_json(self) -> str:
        """Return the report for machines.

        Returns
        -------
        str
            JSON with ``year``, ``ok``, ``written``, ``unchanged``, ``counts``, ``problems`` and ``changes``; missing
            values are null.
        """
        counts = {severity: int((self.problems["severity"] == severity).sum()) for severity in SEVERITIES}
        content = {
            "year": self.year,
            "ok": self.ok,
            "written": self.written,
            "unchanged": self.unchanged,
            "counts": counts,
            "problems": _records(self.problems),
            "changes": _records(self.changes),
        }
        return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)

    def _changed(self, lang: Language) -> list[str]:
        terms = _terms(lang)
        names = _kinds(lang)
        lines = []
        for kind, rows in self.changes.groupby("kind", sort=False):
            if kind == "new":
                counts = rows.groupby("variable", sort=False).size().items()
                lines.append(
                    f"{names['new']}: " + ", ".join(f"{column} ({count})" for column, count in counts)
                )
                continue
            lines += [f"{names[str(kind)]}: {_change(row)}" for row in rows.head(SHOWN).to_dict("records")]
            if len(rows) > SHOWN:
                lines.append("  " + terms["more"].format(count=len(rows) - SHOWN))
        return lines

    def _head(self, lang: Language) -> str:
        terms = _terms(lang)
        names = _kinds(lang)
        counts = {severity: int((self.problems["severity"] == severity).sum()) for severity in SEVERITIES}
        kinds = ", ".join(
            f"{count} {names[str(kind)]}" for kind, count in self.changes.groupby("kind").size().items()
        )
        changes = terms["changes"].format(total=len(self.changes), kinds=kinds, unchanged=self.unchanged)
        return f"{self.year}: {terms['counts'].format(**counts)}; {changes}"

    def _foot(self, lang: Language) -> list[str]:
        terms = _terms(lang)
        return [terms["ok" if self.ok else "not ok"]] + (
            [terms["written"].format(written=self.written)] if self.written else []
        )


def _terms(lang: Language) -> dict[str, str]:
    if lang not in TERMS:
        raise SpecificationError(
            "reports are in English or Chinese", where=str(lang), cure='say "en" or "zh"'
        )
    return TERMS[lang]


def _kinds(lang: Language) -> dict[str, str]:
    return dict(pair.split("=") for pair in _terms(lang)["kinds"].split("|"))


def _change(row: dict[Any, Any]) -> str:
    figures = f"{_shown(row['old'])} -> {_shown(row['new'])}"
    return f"{unit_name(row['adcode'])} {row['variable']} {figures} ({row['vintage']})"


def _cells(row: dict[Any, Any], lang: Language) -> list[str]:
    texts = ("text_zh", "cure_zh") if lang == "zh" else ("text_en", "cure")
    names = ("city", "column", "value", "expected", *texts, "place")
    return [_terms(lang)[row["severity"]], *(_shown(row[name]) for name in names)]


def _row(row: dict[Any, Any], lang: Language) -> str:
    cells = "".join(f"<td>{html.escape(cell)}</td>" for cell in _cells(row, lang))
    return f'<tr class="{row["severity"]}">{cells}</tr>'


def _line(row: dict[Any, Any], lang: Language) -> str:
    severity, city, column, value, expected, text, cure, place = _cells(row, lang)
    figure = f"{column} = {value}" if column and value else column
    wanted = f" ({_terms(lang)['expected']} {expected})" if expected else ""
    where = " ".join(part for part in (place, city, figure) if part)
    return f"{severity}: {text}{f' [{where}]' if where else ''}{wanted}: {cure}"


def _shown(value: object) -> str:
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    plain = table.astype(object).where(table.notna(), None)
    return [{str(key): _plain(value) for key, value in row.items()} for row in plain.to_dict("records")]


def _plain(value: Any) -> Any:
    if hasattr(value, "item"):
        value = value.item()
    return str(value) if isinstance(value, float) and value in {float("inf"), float("-inf")} else value
