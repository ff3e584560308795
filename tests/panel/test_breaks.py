"""Known breaks: the shipped table, the windows between them, and what crosses them."""

import pytest

from yrdspatial.errors import SpecificationError
from yrdspatial.panel.breaks import crossed, load_breaks, no_breaks, passed, touches, windows_of


def test_every_break_says_where_when_and_why():
    breaks = load_breaks()
    assert (breaks[["strand", "variables", "units", "kind", "note", "source"]] != "").all().all()
    assert (breaks["year_from"] < breaks["year_to"]).all()
    assert breaks.loc[breaks["blocking"], "strand"].tolist() == ["employment", "tertiary value added"]


@pytest.mark.parametrize(
    ("strand", "purpose", "windows"),
    [
        ("employment", "measures", {"2005-2012": (2005, 2012), "2013-2019": (2013, 2019)}),
        ("employment", "models", {"2006-2012": (2006, 2012), "2013-2019": (2013, 2019)}),
        ("tertiary value added", "measures", {"2003-2018": (2003, 2018), "2019-2022": (2019, 2022)}),
        ("secondary value added", "models", {"2006-2022": (2006, 2022)}),
    ],
)
def test_windows(strand, purpose, windows):
    assert windows_of(load_breaks(), strand=strand, purpose=purpose, last=2022) == windows


def test_unknown_windows_are_errors():
    with pytest.raises(SpecificationError, match=r"strand exports.: known strands: employment"):
        windows_of(load_breaks(), strand="exports", purpose="models", last=2022)
    with pytest.raises(SpecificationError, match="assign a window column yourself"):
        windows_of(no_breaks(), strand="employment", purpose="models", last=2022)
    with pytest.raises(SpecificationError, match='say "models" or "measures"'):
        windows_of(load_breaks(), strand="employment", purpose="maps", last=2022)


@pytest.mark.parametrize(
    ("column", "base", "end", "count"),
    [
        ("emp_finance", 2012, 2013, 1),
        ("emp_finance", 2013, 2012, 1),
        ("emp_finance", 2005, 2012, 0),
        ("emp_finance", 2013, 2019, 0),
        ("va_tertiary", 2018, 2019, 1),
        ("va_tertiary", 2019, 2022, 0),
        ("va_secondary", 2003, 2022, 0),
        ("gdp", 2003, 2022, 0),
    ],
)
def test_crossed(column, base, end, count):
    assert len(crossed(load_breaks(), [column], base=base, end=end)) == count
    assert len(crossed(no_breaks(), [column], base=base, end=end)) == 0


def test_patterns():
    assert touches("*", ["anything"])
    assert not touches("emp_*", ["gdp", "employed_units_total"])


@pytest.mark.parametrize(
    ("column", "base", "end", "units"),
    [
        ("va_secondary", 2010, 2011, ["340100 340200 340500"]),
        ("va_secondary", 2011, 2014, []),
        ("va_secondary", 2014, 2015, ["340700 340800", "340400 341500"]),
        ("emp_C_manufacturing", 2010, 2011, ["341500", "341800", "310000", "340100 340200 340500"]),
        ("emp_C_manufacturing", 2006, 2010, []),
        ("employed_units_total", 2021, 2022, ["320800"]),
        ("population_resident", 2013, 2014, ["330100"]),
    ],
)
def test_jumps_of_single_units_that_a_change_passes(column, base, end, units):
    assert passed(load_breaks(), [column], base=base, end=end)["units"].tolist() == units
    assert passed(load_breaks(), [column], base=end, end=base)["units"].tolist() == units
