"""The errors and warnings of the toolkit: each message says what is wrong, where, and how to cure it."""


class YrdSpatialError(Exception):
    """Base of every error the toolkit raises on purpose.

    Parameters
    ----------
    what : str
        What is wrong, in one sentence without a final full stop.
    where : str, optional
        The file, unit, year or column concerned.
    cure : str, optional
        What the user can do about it.

    Examples
    --------
    >>> str(YrdSpatialError("gdp is missing", where="Hefei, 2016", cure="add the value or choose other years"))
    'gdp is missing [Hefei, 2016]: add the value or choose other years'
    """

    def __init__(self, what: str, *, where: str = "", cure: str = "") -> None:
        self.what, self.where, self.cure = what, where, cure
        place = f" [{where}]" if where else ""
        remedy = f": {cure}" if cure else ""
        super().__init__(f"{what}{place}{remedy}")


class UnknownUnitError(YrdSpatialError):
    """A name or code belongs to none of the 41 units."""


class AmbiguousUnitError(YrdSpatialError):
    """A name fits more than one unit, as "Suzhou" (苏州, 宿州) and "Taizhou" (泰州, 台州) do."""


class DataError(YrdSpatialError):
    """A data file is missing, unregistered in ``sources.toml``, changed since it was registered, or malformed."""


class GapError(YrdSpatialError):
    """A value that the request needs is not in the panel."""


class AlignmentError(YrdSpatialError):
    """Labels of two inputs do not fit: weights of other units, years without weights, duplicate rows."""


class WeightsError(YrdSpatialError):
    """Spatial weights cannot be built or standardized as asked."""


class SpecificationError(YrdSpatialError):
    """A model was asked for that does not exist or cannot be identified."""


class EstimationError(YrdSpatialError):
    """An estimator has no valid solution on these data."""


class ExecutionError(YrdSpatialError):
    """Workers cannot be reached, or are lost again and again."""


class OutputError(YrdSpatialError):
    """A result cannot be written where it was asked for."""


class YrdSpatialWarning(UserWarning):
    """Base of every warning of the toolkit."""


class WeakIdentificationWarning(YrdSpatialWarning):
    """A spatial parameter is hardly identified, or its estimate lies at the end of its interval."""
