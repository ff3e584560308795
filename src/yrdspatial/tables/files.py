"""Files written whole or not at all: any file, and a table in its kinds."""

import contextlib
from collections.abc import Collection, Hashable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from yrdspatial.errors import OutputError
from yrdspatial.tables.cells import Format
from yrdspatial.tables.excel import tables_xlsx
from yrdspatial.tables.page import tables_page
from yrdspatial.tables.phrases import Language
from yrdspatial.tables.printed import PrintedTable
from yrdspatial.tables.render import table_csv, table_latex
from yrdspatial.tables.word import tables_docx

KINDS = ("csv", "tex", "html", "docx", "xlsx")


def write_file(path: str | Path, content: str | bytes) -> Path:
    r"""Write a file whole or not at all: into a neighbour first, then renamed.

    Parameters
    ----------
    path : str or Path
        Where; missing folders are made.
    content : str or bytes
        Text is written as UTF-8 with ``\n`` line ends on every system.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    OutputError
        When the folder cannot be made or written to.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_file(f"{folder}/a/b.txt", "LQ\n").read_bytes()
    b'LQ\n'
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content.encode() if isinstance(content, str) else content)
        part.replace(path)
    except OSError as problem:
        with contextlib.suppress(OSError):
            part.unlink()
        reason = problem.strerror or type(problem).__name__
        message = f"the file cannot be written ({reason})"
        raise OutputError(message, where=str(path), cure="choose a folder that you may write to") from problem
    return path


def write_table(
    frame: pd.DataFrame,
    path_stem: str | Path,
    *,
    title: str,
    notes: Sequence[str] = (),
    formats: Mapping[Hashable, Format] | None = None,
    rules: Collection[int] = (),
    kinds: Sequence[str] = ("csv", "tex"),
    lang: Language = "en",
) -> tuple[Path, ...]:
    """Write a frame as CSV (values to ten digits) and as three-line tables for LaTeX, Word, Excel or a browser.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table; a named index becomes its leading columns, an unnamed one is left out.
    path_stem : str or Path
        Path without an ending.
    title : str
        Title of the printed table.
    notes : sequence of str
        Notes under the printed table.
    formats : mapping, optional
        Format of a column: a format specification such as ``".3f"``, or a function of the value. Without one,
        numbers with a fraction have three decimals.
    rules : collection of int
        Rows above which a thin rule is drawn.
    kinds : sequence of {"csv", "tex", "html", "docx", "xlsx"}
        Which files to write.
    lang : {"en", "zh"}
        Language of the fixed words.

    Returns
    -------
    tuple of Path
        The files written, in the order of `kinds`.

    Raises
    ------
    OutputError
        When a kind is unknown or the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> table = pd.DataFrame({"lq": [1.25]}, index=pd.Index(["Suzhou (Jiangsu)"], name="city"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     csv, tex = write_table(table, f"{folder}/lq", title="Location quotients")
    ...     print(csv.read_text())
    city,lq
    Suzhou (Jiangsu),1.25
    """
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        message = f"tables are not written as {', '.join(unknown)}"
        raise OutputError(message, where=str(path_stem), cure=f"choose among {', '.join(KINDS)}")
    one = PrintedTable(frame, title, notes, formats or {}, rules)
    label = Path(path_stem).name
    contents = {kind: table_content(one, kind, label=label, lang=lang) for kind in kinds}
    return tuple(write_file(f"{path_stem}.{kind}", content) for kind, content in contents.items())


def write_printed(one: PrintedTable, path: str | Path, *, lang: Language = "en") -> Path:
    """Write one table as the kind that the ending of its file names.

    Parameters
    ----------
    one : PrintedTable
        The table.
    path : str or Path
        Ends in ``.csv``, ``.tex``, ``.html``, ``.docx`` or ``.xlsx``.
    lang : {"en", "zh"}
        Language of the fixed words.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    OutputError
        When the ending names no kind of table.

    Examples
    --------
    >>> import tempfile
    >>> table = PrintedTable(pd.DataFrame({"lq": [1.25]}), "Location quotients")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_printed(table, f"{folder}/lq.docx").read_bytes()[:2]
    b'PK'
    """
    path = Path(path)
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        cure = f"end the name in {', '.join(f'.{known}' for known in KINDS)}"
        raise OutputError(
            f"tables are not written as {kind or 'files without an ending'}", where=str(path), cure=cure
        )
    return write_file(path, table_content(one, kind, label=path.stem, lang=lang))


def table_content(one: PrintedTable, kind: str, *, label: str, lang: Language = "en") -> str | bytes:
    r"""Return what the file of a table holds.

    Parameters
    ----------
    one : PrintedTable
        The table.
    kind : {"csv", "tex", "html", "docx", "xlsx"}
        Kind of file.
    label : str
        The LaTeX label, without its prefix ``tab:``.
    lang : {"en", "zh"}
        Language of the fixed words.

    Returns
    -------
    str or bytes
        Text, or the content of a Word or Excel file.

    Examples
    --------
    >>> table_content(PrintedTable(pd.DataFrame({"lq": [1.25]}), "Quotients"), "csv", label="lq")
    'lq\n1.25\n'
    """
    match kind:
        case "csv":
            return table_csv(one.frame)
        case "tex":
            return table_latex(
                one.frame,
                title=one.title,
                label=label,
                notes=one.notes,
                formats=one.formats,
                rules=one.rules,
                lang=lang,
            )
        case "html":
            return tables_page([one], lang=lang)
        case "docx":
            return tables_docx([one], lang=lang)
        case _:
            return tables_xlsx([one], lang=lang)
