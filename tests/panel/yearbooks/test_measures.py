"""Units of measure as tables print them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yrdspatial.panel.columns import load_columns
from yrdspatial.panel.yearbooks.measures import Measure, panel_measure, read_measure


@pytest.mark.parametrize(
    ("text", "dimension", "factor"),
    [
        ("元", "CNY", 1),
        ("万元", "CNY", 1e4),
        ("亿元", "CNY", 1e8),
        ("百万元", "CNY", 1e6),
        ("千元", "CNY", 1e3),
        ("（万元）", "CNY", 1e4),
        ("(10 000 yuan)", "CNY", 1e4),
        ("100 000 000 yuan", "CNY", 1e8),
        ("100,000,000 yuan", "CNY", 1e8),
        ("100 million yuan", "CNY", 1e8),
        ("100 Million Yuan", "CNY", 1e8),
        ("１００００元", "CNY", 1e4),
        ("元/人", "CNY", 1),
        ("美元", "USD", 1),
        ("万美元", "USD", 1e4),
        ("亿美元", "USD", 1e8),
        ("USD 10 000".replace("USD 10 000", "10 000 USD"), "USD", 1e4),
        ("million USD", "USD", 1e6),
        ("人", "persons", 1),
        ("万人", "persons", 1e4),
        ("万 人", "persons", 1e4),
        ("10 000 persons", "persons", 1e4),
        ("person", "persons", 1),
        ("万人次", "person-times", 1e4),
        ("平方公里", "km2", 1),
        ("sq.km", "km2", 1),
        ("万平方米", "m2", 1e4),
        ("公顷", "hectares", 1),
        ("万吨", "tonnes", 1e4),
        ("亿吨公里", "tonne-km", 1e8),
        ("万千瓦时", "kWh", 1e4),
        ("个", "items", 1),
        ("所", "items", 1),
        ("unit", "items", 1),
        ("%", "%", 1),
        ("％", "%", 1),
        ("(%)", "%", 1),
        ("‰", "%", 0.1),
        ("上年=100", "prev year=100", 1),
        ("(preceding year=100)", "prev year=100", 1),
        ("人/平方公里", "persons/km2", 1),
    ],
)
def test_printed_units(text, dimension, factor):
    measure = read_measure(text)
    assert measure is not None
    assert (measure.dimension, measure.factor) == (dimension, factor)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "合肥",
        "地区生产总值",
        "万",
        "10 000",
        "元人",
        "万万元",
        "GDP",
        "2020年",
        "人口",
        "x" * 100,
        "全市",
        "一",
    ],
)
def test_what_is_no_unit(text):
    assert read_measure(text) is None


def test_the_printed_text_is_kept_without_brackets():
    assert read_measure("（ 万元 ）").text == "万元"
    assert read_measure("(10 000 persons)").text == "10 000 persons"
    assert read_measure("万元") == Measure("万元", "CNY", 1e4)


def test_every_unit_of_the_dictionary_of_columns_is_known():
    for unit in load_columns()["unit"].unique():
        assert panel_measure(unit) is not None, unit
    assert panel_measure("furlong") is None


def test_factors_between_printed_and_panel_units():
    assert read_measure("万元").factor / panel_measure("100m CNY").factor == pytest.approx(1e-4)
    assert read_measure("人").factor / panel_measure("10k persons").factor == pytest.approx(1e-4)
    assert read_measure("万美元").factor / panel_measure("million USD").factor == pytest.approx(1e-2)


@given(st.text(max_size=80))
def test_any_text_is_a_unit_or_none(text):
    measure = read_measure(text)
    assert measure is None or measure.factor > 0
