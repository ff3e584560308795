"""The industrial gradient: where a sector is both concentrated and productive, a potential, not a flow."""

import pandas as pd

from yrdspatial.errors import AlignmentError
from yrdspatial.industry.table import as_sectors, describe, divide, stamp, undefined_notes
from yrdspatial.panel.gaps import row_name, shorten
from yrdspatial.panel.panel import Panel


def gradient_coefficient(
    quotient: pd.Series, productivity: pd.Series, capital: pd.Series | None = None
) -> pd.Series:
    """Industrial gradient coefficient: location quotient times relative labour productivity.

    IGC = LQ x CP, improved IGC = LQ x CP x CCOR with the relative return to capital. Above one is a high gradient, by
    the literature a potential origin of transfer.

    Parameters
    ----------
    quotient : pandas.Series
        Location quotients, by unit or (unit, year).
    productivity : pandas.Series
        Productivity over that of the reference, as of :func:`relative_productivity`; the same labels.
    capital : pandas.Series, optional
        Return to capital over that of the reference; the same labels.

    Returns
    -------
    pandas.Series
        On the labels of the quotients.

    Raises
    ------
    AlignmentError
        If the labels differ.

    References
    ----------
    产业梯度系数, the usual form in the Chinese literature on industrial transfer.

    Examples
    --------
    >>> gradient_coefficient(pd.Series({"A": 1.5}), pd.Series({"A": 0.8})).round(6).to_dict()
    {'A': 1.2}
    """
    result = quotient.copy()
    for part in (productivity,) if capital is None else (productivity, capital):
        different = quotient.index.symmetric_difference(part.index)
        if len(different):
            where = shorten([row_name(label) for label in different])
            raise AlignmentError(
                "two series have other labels", where=where, cure="compute all on the same units"
            )
        result = result * part.reindex(quotient.index)
    return stamp(
        result.rename("gradient_coefficient"),
        measure="industrial gradient coefficient",
        basis=quotient.attrs.get("basis", "not stated"),
        reference=quotient.attrs.get("reference", ""),
        variant="LQ x CP" if capital is None else "LQ x CP x CCOR",
        notes=(*quotient.attrs.get("notes", ()), *undefined_notes(result)),
    )


def relative_productivity(table: pd.DataFrame | Panel, output: str, labour: str) -> pd.Series:
    """Labour productivity of units over that of all units together.

    Parameters
    ----------
    table : pandas.DataFrame or Panel
        Has both columns; units (one year) or indexed (unit, year).
    output, labour : str
        Column of output, such as ``va_secondary``, and of labour.

    Returns
    -------
    pandas.Series
        (q_i / l_i) / (Q / L), by unit or (unit, year). No labour and no output is NaN, no labour alone infinite.

    Examples
    --------
    >>> table = pd.DataFrame({"q": [20, 10], "l": [5, 10]}, index=["A", "B"])
    >>> relative_productivity(table, "q", "l").tolist()
    [2.0, 0.5]
    """
    columns = [output, labour]
    data = as_sectors(table.select(columns=columns) if isinstance(table, Panel) else table[columns])
    own = divide(data.amounts[:, :, 0], data.amounts[:, :, 1])
    total = data.amounts.sum(axis=1, keepdims=True)
    values = divide(own, divide(total[:, :, 0], total[:, :, 1]))
    result = data.by_unit(values, "relative_productivity")
    area = f"sum of the {len(data.units)} units"
    return describe(
        result, data, "relative labour productivity", reference=area, variant=f"{output} / {labour}"
    )
