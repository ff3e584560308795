"""A sheet to fill in: the columns of the dictionary with their units, and the 41 names."""

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from yrdspatial.errors import OutputError
from yrdspatial.geography.units import load_units
from yrdspatial.panel.columns import load_columns

TITLE = "{year} 年面板模板 panel template"
HELP = (
    "Fill in the rows above, one city a row; leave a cell empty when there is no figure.",
    "The row under the titles is the unit of measure: change it when your figures are in another unit.",
    "Columns may be taken away or moved; figures are of the total city (全市), not of its districts (市辖区).",
    "Then: yrd panel check FILE --year {year}, and yrd panel add-year FILE --year {year} --data-dir FOLDER --write",
)


def panel_template(year: int, path: str | Path, *, data_dir: str | Path | None = None) -> Path:
    """Write an Excel sheet ready to be filled in with the figures of a year.

    Filled in, it is read by :func:`~yrdspatial.read_yearbook`, checked by :func:`~yrdspatial.check_year` and added by
    :func:`~yrdspatial.add_year`. The column dictionary stands below the cities, as notes.

    Parameters
    ----------
    year : int
        Data year.
    path : str or Path
        The file to write, ending in ``.xlsx``; it must not exist yet.
    data_dir : str or Path, optional
        The user's data folder, whose dictionary is laid over the shipped one.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        If the file exists, does not end in ``.xlsx``, or cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     panel_template(2024, f"{folder}/2024.xlsx").name
    '2024.xlsx'
    """
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    path = Path(path)
    if path.suffix.lower() != ".xlsx":
        raise OutputError("a template is an Excel file", where=str(path), cure="let its name end in .xlsx")
    if path.exists():
        raise OutputError("the file exists", where=str(path), cure="choose another name or take it away")
    columns = load_columns(data_dir=data_dir)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = str(year)
    sheet.append([TITLE.format(year=year)])
    sheet.append(["城市", *columns["title_zh"]])
    sheet.append(["City", *columns["title_en"]])
    sheet.append(["计量单位 Unit", *columns["unit"]])
    for name in load_units()["name_zh"]:
        sheet.append([name])
    for row in sheet.iter_rows(min_row=1, max_row=4):
        for cell in row:
            cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B5"
    sheet.append([])
    for line in (*HELP, *_dictionary(columns)):
        sheet.append([f"注:{line.format(year=year)}"])
    try:
        book.save(path)
    except OSError as error:
        message = f"the file cannot be written ({error.strerror or type(error).__name__})"
        raise OutputError(message, where=str(path), cure="choose a folder that you may write to") from error
    return path


def _dictionary(columns: pd.DataFrame) -> Iterator[str]:
    for name, row in columns.iterrows():
        span = f"{row['min']:g} to {row['max']:g}"
        parts = (name, row["title_zh"], row["title_en"], row["unit"], row["kind"], span, row["note"])
        yield " | ".join(str(part) for part in parts if part)
