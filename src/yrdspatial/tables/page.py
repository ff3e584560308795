"""Three-line tables as a small HTML page, to be opened or pasted."""

import html
from collections.abc import Sequence

from yrdspatial.tables.phrases import Language, joined, phrases
from yrdspatial.tables.printed import PrintedTable
from yrdspatial.tables.render import table_html

STYLE = """body { font: 12pt "Times New Roman", "SimSun", serif; margin: 2em; }
figure { margin: 0 0 2em; overflow-x: auto; }
figcaption { font-weight: bold; margin: 0 0 .4em; }
table { border-collapse: collapse; border-top: 1.5pt solid; border-bottom: 1.5pt solid; }
th, td { padding: .15em .8em; text-align: left; font-weight: normal; vertical-align: baseline; }
thead th { border-bottom: .75pt solid; }
.num { text-align: right; white-space: nowrap; }
td.num:has(.hang) { padding-right: 2em; }
.hang { display: inline-block; width: 0; }
.rule > * { border-top: .5pt solid; }
p { font-size: 9pt; margin: .4em 0 0; }"""


def tables_page(tables: Sequence[PrintedTable], *, lang: Language = "en") -> str:
    """Return tables as one HTML page that needs nothing beside it.

    Parameters
    ----------
    tables : sequence of PrintedTable
        From top to bottom.
    lang : {"en", "zh"}
        Language of the page and of the fixed words.

    Returns
    -------
    str
        The page.

    Examples
    --------
    >>> import pandas as pd
    >>> table = PrintedTable(pd.DataFrame({"W": ["contiguity"], "rho": [0.24]}), "Spillovers", ["One note."])
    >>> "<p>Notes: One note.</p>" in tables_page([table])
    True
    """
    title = html.escape(tables[0].title) if tables else ""
    head = f'<meta charset="utf-8"><title>{title}</title>\n<style>\n{STYLE}\n</style>'
    code = phrases(lang).code
    body = "\n".join(_figure(one, lang) for one in tables)
    return f'<!DOCTYPE html>\n<html lang="{code}">\n<head>{head}</head>\n<body>\n{body}\n</body>\n</html>\n'


def _figure(one: PrintedTable, lang: Language) -> str:
    table = table_html(one.frame, formats=one.formats, rules=one.rules, lang=lang)
    note = f"\n<p>{html.escape(joined(one.notes, lang))}</p>" if one.notes else ""
    return f"<figure>\n<figcaption>{html.escape(one.title)}</figcaption>\n{table}{note}\n</figure>"
