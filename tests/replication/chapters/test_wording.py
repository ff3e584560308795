"""Words: titles of variables, names of cities, p-values."""

import pytest

from yrdspatial.panel.columns import sector_sets
from yrdspatial.replication.chapters.wording import (
    TITLES,
    breaks_of,
    cities,
    number,
    pvalue,
    short_names,
    title,
    with_names,
)
from yrdspatial.tables.speech import speaking

SHANGHAI, SUZHOU_JIANGSU, SUZHOU_ANHUI = 310000, 320500, 341300


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("rail", "rail of the year"),
        ("rho", "ρ"),
        ("log_wage", "ln wage"),
        ("W_log_wage", "W × ln wage"),
        ("W_lq_services", "W × producer-service LQ"),
        ("W_unheard_of", "W × unheard_of"),
        ("unheard_of", "unheard_of"),
        ("manufacturing", "Manufacturing (employment LQ)"),
    ],
)
def test_title(name, expected):
    assert title(name) == expected


def test_every_term_of_the_models_has_a_title(spillovers):
    terms = {term for one in spillovers.main for term in one.results.params.index}
    assert {term for term in terms if title(term).removeprefix("W × ") == term.removeprefix("W_")} == set()


def test_every_measure_and_family_has_a_title(study, tested):
    assert {name for name in (*tested, *study.weights) if name not in TITLES} == set()


@pytest.mark.parametrize("name", ["producer_services_4", "producer_services_5", "producer_services_6"])
def test_titles_count_the_sectors(name):
    assert f"{len(sector_sets()[name])} sectors" in title(name)


def test_titles_are_distinct():
    assert len(set(TITLES.values())) == len(TITLES)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "p < 0.001"),
        (0.0002, "p < 0.001"),
        (0.00099, "p < 0.001"),
        (0.001, "p = 0.001"),
        (0.0499, "p = 0.050"),
        (0.25, "p = 0.250"),
        (1.0, "p = 1.000"),
    ],
)
def test_pvalue(value, expected):
    assert pvalue(value) == expected


def test_cities_are_said_in_both_languages(study):
    said = cities(study, [SUZHOU_JIANGSU, SHANGHAI, SUZHOU_ANHUI])
    assert said == "苏州 Suzhou (Jiangsu), 上海 Shanghai, 宿州 Suzhou (Anhui)"


def test_no_cities_are_none(study):
    assert cities(study, []) == "none"


def test_short_names_drop_the_last_character_only(study):
    names = short_names(study)
    assert (names + "市" == study.units["name_zh"]).all()
    assert names.is_unique


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [(0.5, 2, "0.50"), (-0.147, 2, "−0.15"), (-10.788, 1, "−10.8"), (3.0, 0, "3")],
)
def test_number_has_a_true_minus(value, digits, expected):
    assert number(value, digits) == expected


def test_a_chinese_text_has_chinese_names_alone(study):
    with speaking("zh"):
        assert cities(study, [SHANGHAI, SUZHOU_JIANGSU]) == "上海、苏州"
        assert cities(study, []) == "无"
        assert with_names(study, "Suzhou (Anhui) 2012, Suzhou (Jiangsu) 2013") == "宿州 2012, 苏州 2013"
        assert title("W_log_wage") == "W × ln 平均工资"
    assert with_names(study, "Suzhou (Anhui) 2012") == "Suzhou (Anhui) 2012"


def test_breaks_are_said_in_the_language_of_the_report():
    assert breaks_of("manufacturing") == {2013: "coverage widens"}
    with speaking("zh"):
        assert breaks_of("manufacturing") == {2013: "统计口径扩大"}
