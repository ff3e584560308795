"""Words that every chapter shares: names of cities, variables and weights, and how numbers are said."""

from collections.abc import Iterable

import pandas as pd

from yrdspatial.replication.study import Study
from yrdspatial.tables.speech import LANGUAGE, listed, say

TITLES = {
    "contiguity": "contiguity",
    "rail": "rail of the year",
    "rail_frozen": "rail frozen at 2008",
    "manufacturing": "Manufacturing (employment LQ)",
    "producer_services_4": "Producer services, 4 sectors (employment LQ)",
    "producer_services_5": "Producer services, 5 sectors (employment LQ)",
    "producer_services_6": "Producer services, 6 sectors (employment LQ)",
    "va_primary": "Primary sector (value-added LQ)",
    "va_secondary": "Secondary sector (value-added LQ)",
    "va_tertiary": "Tertiary sector (value-added LQ)",
    "krugman": "Krugman index (19 sectors, vs rest)",
    "lq_services": "producer-service LQ",
    "lq_tertiary": "tertiary LQ",
    "log_wage": "ln wage",
    "log_gdp_head": "ln GDP per head",
    "log_fdi_gdp": "ln(FDI/GDP)",
    "fiscal_gdp": "fiscal expenditure/GDP",
    "log_access": "ln rail market potential",
    "rho": "ρ",
}
BREAKS = {
    "manufacturing": {2013: "coverage widens"},
    "producer_services_5": {2013: "coverage widens"},
    "va_secondary": {2019: "4th census"},
    "va_tertiary": {2019: "4th census"},
}


def title(name: str) -> str:
    """Say a term of a model or a variable in words.

    Parameters
    ----------
    name : str
        Name in the data.

    Returns
    -------
    str
        Name in print; a lag of a term is marked W ×.

    Examples
    --------
    >>> title("W_log_wage")
    'W × ln wage'
    """
    if name.startswith("W_"):
        return f"W × {title(name[2:])}"
    return say(TITLES[name]) if name in TITLES else name


def breaks_of(name: str) -> dict[int, str]:
    """Say where the data of a measure break.

    Parameters
    ----------
    name : str
        A measure.

    Returns
    -------
    dict of int to str
        The first year after a break, and a short note on it.

    Examples
    --------
    >>> breaks_of("va_tertiary")
    {2019: '4th census'}
    """
    return {year: say(BREAKS[name][year]) for year in BREAKS[name]}


def short_names(study: Study) -> pd.Series:
    """Give the Chinese names without their 市.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    pandas.Series
        Indexed by adcode.
    """
    return study.units["name_zh"].str.removesuffix("市")


def cities(study: Study, codes: Iterable[int]) -> str:
    """List cities by their names: in Chinese and English, or in Chinese in a Chinese text.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    codes : iterable of int
        Their codes.

    Returns
    -------
    str
        For instance "上海 Shanghai, 苏州 Suzhou (Jiangsu)"; "none" for none.
    """
    names = short_names(study)
    if LANGUAGE.get() == "zh":
        return listed(names[code] for code in codes) or say("none")
    return listed(f"{names[code]} {study.units['name_en'][code]}" for code in codes) or say("none")


def with_names(study: Study, text: str) -> str:
    """Put the names of cities in a text made elsewhere into the language of the report.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    text : str
        A text with English names.

    Returns
    -------
    str
        The text; with Chinese names, when the report is Chinese.
    """
    if LANGUAGE.get() == "zh":
        names = pd.Series(short_names(study).to_numpy(), index=study.units["name_en"])
        for name in sorted(names.index, key=len, reverse=True):
            text = text.replace(name, names[name])
    return text


SHORT = {
    "manufacturing": "Manufacturing",
    "producer_services_4": "Services, 4",
    "producer_services_5": "Services, 5",
    "producer_services_6": "Services, 6",
    "va_secondary": "Secondary",
    "va_tertiary": "Tertiary",
    "krugman": "Krugman",
}


def number(value: float, digits: int = 2) -> str:
    """Say a number with a true minus sign.

    Parameters
    ----------
    value : float
        The number.
    digits : int
        Decimals.

    Returns
    -------
    str
        For instance "−0.15".
    """
    return f"{value:.{digits}f}".replace("-", "−")


def pvalue(value: float) -> str:
    """Say a p-value.

    Parameters
    ----------
    value : float
        The p-value.

    Returns
    -------
    str
        With three decimals, or "p < 0.001".
    """
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}"
