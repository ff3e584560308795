"""Do manufacturing and producer services sit together: the co-agglomeration index of two location quotients."""

from typing import Literal

import pandas as pd

from yrdspatial.errors import AlignmentError, DataError
from yrdspatial.industry.table import divide, require, stamp, undefined_notes
from yrdspatial.panel.gaps import row_name, shorten

VARIANTS = {"short": "1 - |a - b| / (a + b)", "long": "1 - |a - b| / (a + b) + (a + b)"}


def coagglomeration(a: pd.Series, b: pd.Series, *, variant: Literal["short", "long"]) -> pd.Series:
    """Co-agglomeration index of two location quotients.

    Short: 1 - |a - b| / (a + b), in [0, 1], the balance of the two; two tiny sectors are "perfect". Long: the short
    form plus a + b, in [0, inf), balance and height; mostly the sum of the quotients.

    Parameters
    ----------
    a, b : pandas.Series
        Location quotients (or other amounts of zero or more) with the same labels in any order: by unit, or
        indexed (unit, year).
    variant : {"short", "long"}
        Which form; there is no default because papers mean both.

    Returns
    -------
    pandas.Series
        On the labels of ``a``. Both zero is 0/0: NaN and named in ``attrs["notes"]``.

    Raises
    ------
    AlignmentError
        If the labels differ or one is there twice.
    DataError
        If a value is negative.

    References
    ----------
    Formula as in Miao, J. and Xu, S., and the literature on co-agglomeration of manufacturing and producer services;
    it is a balance index of a unit, not the co-agglomeration of Ellison and Glaeser (1997).

    Examples
    --------
    >>> quotients = pd.DataFrame({"m": [1.2, 0.2], "s": [0.8, 0.2]}, index=["A", "B"])
    >>> coagglomeration(quotients["m"], quotients["s"], variant="short").tolist()
    [0.8, 1.0]
    """
    require(variant, VARIANTS, "variant")
    different = a.index.symmetric_difference(b.index)
    if len(different) or a.index.has_duplicates or b.index.has_duplicates:
        where = shorten([str(label) for label in different]) or "a label is there twice"
        raise AlignmentError(
            "two series have other labels", where=where, cure="compute both on the same units"
        )
    other = b.reindex(a.index)
    negative = a.index[(a < 0) | (other < 0)]
    if len(negative):
        cure = "the index needs values of zero or more"
        raise DataError(
            "a value is negative", where=shorten([row_name(label) for label in negative]), cure=cure
        )
    total = a + other
    values = 1 - divide((a - other).abs(), total) + (total if variant == "long" else 0)
    result = pd.Series(values, a.index, name="coagglomeration")
    return stamp(
        result,
        measure="co-agglomeration index",
        basis=a.attrs.get("basis", "not stated"),
        reference=a.attrs.get("reference", ""),
        variant=f"{variant}: {VARIANTS[variant]}",
        notes=(
            *dict.fromkeys((*a.attrs.get("notes", ()), *b.attrs.get("notes", ()))),
            *undefined_notes(result),
        ),
    )
