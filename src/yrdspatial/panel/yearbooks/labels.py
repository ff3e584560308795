"""What one header cell says: its Chinese title, its English title, a unit, a scope, a year."""

import functools
import re
import unicodedata
from dataclasses import dataclass

from yrdspatial.panel.yearbooks.measures import Measure, read_measure
from yrdspatial.panel.yearbooks.words import Scope, scope_of

PART = re.compile(r"^\s*(?:#|其中\s*[:,]?|of which\s*[:,]?)\s*", re.IGNORECASE)
BRACKET = re.compile(r"[(\[〔]([^()\[\]〔〕]*)[)\]〕]")
HAN = re.compile(r"[\u3400-\u9fff]")
YEAR = re.compile(r"(?<![\d-])((?:19|20)\d{2})\s*年(?![鉴度]?鉴|版)")
BARE_YEAR = re.compile(r"\s*((?:19|20)\d{2})\s*(?:年|\.0)?\s*")
YEAR_SAID = re.compile(r"(?:19|20)\d{2}\s*(?:年(?![末底初])|(?=年[末底初]))")
TAIL = re.compile(r"(?<=[^\s/,_:])(?:\s*[/,_:]\s*(?:单位\s*[:：]?\s*)?[^\s/,_:]{1,12})+\s*$")
ENGLISH = re.compile(r"(?<=[\u3400-\u9fff)])(?=[A-Z][a-z]{2,})")
NUMBER = re.compile(
    r"^\s*(?:表|table)?\s*(\d{1,2})\s*[-－—–‐.]\s*(\d{1,3})(?:\s*[-—–]\s*\d{1,2})?(?![\d月/-])\s*",
    re.IGNORECASE,
)
UNIT_LINE = re.compile(r"(?:计量)?\s*单\s*位\s*[:：]?\s*(.+)|unit\s*[:：]\s*(.+)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Label:
    """One header cell understood; empty texts and None where it says nothing."""

    zh: str = ""
    en: str = ""
    measure: Measure | None = None
    scope: Scope | None = None
    year: int | None = None

    @property
    def text(self) -> str:
        """Return the title as it would be shown: the Chinese one, else the English one.

        Returns
        -------
        str
            Empty when the cell says only a unit, a scope or a year.

        Examples
        --------
        >>> read_label("地区生产总值 GRP").text
        '地区生产总值'
        """
        return self.zh or self.en


@functools.lru_cache(maxsize=8192)
def read_label(cell: str) -> Label:
    """Read one header cell.

    Parameters
    ----------
    cell : str
        ``"地区生产总值 （亿元） Gross Regional Product （100 000 000 yuan）"``.

    Returns
    -------
    Label
        A unit stands in brackets or alone; the Chinese one counts.

    Examples
    --------
    >>> label = read_label("地区生产总值（当年价格） （亿元） Gross Regional Product （100 000 000 yuan）")
    >>> label.zh, label.en, label.measure.text
    ('地区生产总值(当年价格)', 'Gross Regional Product', '亿元')
    >>> read_label("市辖区 Districts under City").scope, read_label("2020年").year
    ('districts', 2020)
    """
    text = unicodedata.normalize("NFKC", cell).strip()
    alone = BARE_YEAR.fullmatch(text)
    if alone:
        return Label(year=int(alone[1]))
    measure = read_measure(text)
    if measure is not None:
        return Label(measure=measure)
    return _titled(text)


def read_number(text: str) -> str:
    """Return the number of a table.

    Parameters
    ----------
    text : str
        A title line.

    Returns
    -------
    str
        ``"2-7"``; empty when the line does not begin with one.

    Examples
    --------
    >>> read_number("2-18劳动力就业及收入状况（全市）"), read_number("表 2—7 地区生产总值"), read_number("2020年")
    ('2-18', '2-7', '')
    """
    found = NUMBER.match(unicodedata.normalize("NFKC", text))
    return f"{int(found[1])}-{int(found[2])}" if found else ""


def read_year(text: str) -> int | None:
    """Return the data year that a title line prints.

    Parameters
    ----------
    text : str
        A title line.

    Returns
    -------
    int or None
        None without one, and with several.

    Examples
    --------
    >>> read_year("中国2020年地级以上城市数据"), read_year("2021年鉴"), read_year("2010年和2020年")
    (2020, None, None)
    """
    found = {int(year) for year in YEAR.findall(unicodedata.normalize("NFKC", text))}
    return found.pop() if len(found) == 1 else None


def unit_line(text: str) -> list[Measure] | None:
    """Return the units that a unit line names.

    Parameters
    ----------
    text : str
        ``"单位：万人"``, ``"(10 000 persons)"``, ``"单位：人、万元"``.

    Returns
    -------
    list of Measure or None
        None when the text is no unit line; empty when its units are not known.

    Examples
    --------
    >>> [measure.text for measure in unit_line("单位：人、万元")], unit_line("地区生产总值")
    (['人', '万元'], None)
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    whole = read_measure(plain)
    if whole is not None:
        return [whole]
    said = UNIT_LINE.match(plain.strip("()"))
    if not said or len(plain) > 200:
        return None
    rest = re.sub(r"\s{2,}.*|[(\[].*", "", (said[1] or said[2]).strip(), flags=re.DOTALL).strip() or plain
    whole = read_measure(rest)
    if whole is not None:
        return [whole]
    found = [
        measure for part in re.split(r"[,、;/和及\s]+", rest) if (measure := read_measure(part)) is not None
    ]
    return list({(one.dimension, one.factor): one for one in found}.values())


def _titled(text: str) -> Label:
    measures: list[Measure] = []
    scopes: list[Scope] = []

    def bracket(found: re.Match[str]) -> str:
        measure, scope = read_measure(found[1]), scope_of(found[1])
        if measure is not None:
            measures.append(measure)
        elif scope is not None:
            scopes.append(scope)
        elif re.fullmatch(r"\s*[\d注]{1,2}\s*", found[1]) is None:
            return f"({found[1].strip()})"
        return " "

    rest = BRACKET.sub(bracket, PART.sub("", ENGLISH.sub(" ", text)))
    rest = BRACKET.sub(bracket, TAIL.sub(_bracketed, rest)) if HAN.search(rest) else rest
    year = read_year(rest)
    if year is not None:
        rest = YEAR_SAID.sub("", rest)
    zh, en = _languages(rest)
    zh, en, scope = _scoped(zh, en)
    han = [measure for measure in measures if HAN.search(measure.text) or measure.text in {"%", "‰"}]
    chosen = han or measures
    return Label(zh, en, chosen[0] if chosen else None, scopes[0] if scopes else scope, year)


def _bracketed(found: re.Match[str]) -> str:
    parts = [part.removeprefix("单位").strip(" :：") for part in re.split(r"[/,_:]", found[0])]
    said = [f"({part})" if read_measure(part) or scope_of(part) else f"_{part}" for part in parts if part]
    return "".join(said) if any(part.startswith("(") for part in said) else found[0]


def _languages(text: str) -> tuple[str, str]:
    tokens = text.split()
    places = [place for place, token in enumerate(tokens) if HAN.search(token)]
    if not places:
        return "", " ".join(tokens)
    first, last = places[0], places[-1]
    if first >= 2:
        return "".join(tokens[first:]), " ".join(tokens[:first])
    zh, tail = tokens[: last + 1], tokens[last + 1 :]
    return "".join(zh), " ".join(tail)


def _scoped(zh: str, en: str) -> tuple[str, str, Scope | None]:
    scope = scope_of(zh or en)
    if scope is not None:
        return "", "", scope
    for word in ("全市", "市辖区"):
        if zh.startswith(word) and len(zh) > len(word) + 1:
            return zh.removeprefix(word).lstrip(":-—_/"), en, scope_of(word)
        if zh.endswith((f"-{word}", f"_{word}", f"/{word}", f":{word}")):
            return zh.removesuffix(word).rstrip("-_/:"), en, scope_of(word)
    return zh, en, None
