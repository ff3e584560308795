"""Made tables changed at random: what keeps the labels reads the same, what is wrong is told, nothing ever fails."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import yrdspatial as yrd
from yrdspatial.errors import DataError
from yrdspatial.panel.yearbook import YearbookTable, read_yearbook

QUIET = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HEADER = 3


def filled(edition):
    """Return the rows of the made table 2-7 with merged titles filled in."""
    rows, merges = edition.table_2_7()
    for top, left, bottom, right in merges:
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * (right - left + 1)
    return rows


def shuffled_rows(rows, rng):
    return rows[:HEADER] + [rows[place] for place in HEADER + rng.permutation(len(rows) - HEADER)]


def shuffled_columns(rows, rng):
    order = rng.permutation(len(rows[0]))
    return [[row[place] for place in order] for row in rows]


def without_others(rows, rng):
    return rows[:HEADER] + [row for row in rows[HEADER:] if rng.random() < 0.3 or yrd_code(row[0])]


def with_blank_rows(rows, rng):
    rows = list(rows)
    for place in sorted(rng.integers(HEADER, len(rows), 4), reverse=True):
        rows.insert(place, [""] * len(rows[0]))
    return rows


def with_blank_columns(rows, rng):
    place = int(rng.integers(0, len(rows[0])))
    return [[*row[:place], "", *row[place:]] for row in rows]


def in_full_width(rows, rng):
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    return rows[:HEADER] + [
        [str(cell).translate(wide) if isinstance(cell, int) and rng.random() < 0.5 else cell for cell in row]
        for row in rows[HEADER:]
    ]


def with_thousands(rows, rng):
    mark = str(rng.choice([",", " ", "，", "\u3000"]))
    return rows[:HEADER] + [
        [f"{cell:,}".replace(",", mark) if isinstance(cell, int) else cell for cell in row]
        for row in rows[HEADER:]
    ]


def with_footnotes(rows, rng):
    return rows[:HEADER] + [
        [f"{cell}{rng.choice(['①', '[1]', '*', '²'])}" if cell != "" else "" for cell in row]
        for row in rows[HEADER:]
    ]


def with_spaced_names(rows, rng):
    del rng
    return rows[:HEADER] + [[" ".join(row[0].strip()), *row[1:]] for row in rows[HEADER:]]


def in_two_pages(rows, rng):
    place = int(rng.integers(HEADER + 1, len(rows)))
    return [*rows[:place], ["续表", *[""] * (len(rows[0]) - 1)], *rows[1:HEADER], *rows[place:]]


def with_notes(rows, rng):
    texts = rng.permutation(["注：合肥市含巢湖。", "资料来源：各市统计局。", "Note: at current prices."])
    return [*rows, *([str(text), *[""] * (len(rows[0]) - 1)] for text in texts)]


def in_columns(rows, rng):
    del rng
    title, body = rows[0], rows[1:]
    turned = [list(column) for column in zip(*body, strict=True)]
    return [[title[0], *[""] * (len(turned[0]) - 1)], *turned]


KEEPING = [
    shuffled_rows,
    shuffled_columns,
    without_others,
    with_blank_rows,
    with_blank_columns,
    in_full_width,
    with_thousands,
    with_footnotes,
    with_spaced_names,
    in_two_pages,
    with_notes,
    in_columns,
]


def yrd_code(name):
    try:
        return yrd.find_unit(name)
    except yrd.errors.YrdSpatialError:
        return 0


def read_or_refused(path):
    """Return what was read; None when the file was refused in one line. Any other error fails the test."""
    try:
        table = read_yearbook(path, year=2020)
    except DataError as error:
        return None if "\n" not in str(error) else pytest.fail(str(error))
    assert isinstance(table, YearbookTable)
    return table


def written(made, rows, kind):
    if kind == "html":
        cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
        return made.html(f"<table>{cells}</table>")
    if kind == "gbk":
        return made.csv(rows, encoding="gb18030")
    return getattr(made, kind)(rows)


@pytest.mark.parametrize("kind", ["xlsx", "xls", "csv", "gbk", "html"])
@pytest.mark.parametrize("change", KEEPING, ids=lambda change: change.__name__)
def test_what_keeps_the_labels_reads_the_same(made, edition, figures, change, kind):
    rng = np.random.default_rng([KEEPING.index(change), len(kind)])
    table = read_yearbook(written(made, change(filled(edition), rng), kind), year=2020)
    assert figures(table) == edition.expected()
    assert figures(table, "districts") == edition.expected("districts")
    assert "error" not in set(table.problems["severity"])


@pytest.mark.parametrize("seed", range(12))
def test_several_changes_at_once_read_the_same(made, edition, figures, seed):
    rng = np.random.default_rng(seed)
    rows = without_others(filled(edition), rng)
    first = [with_blank_rows, in_full_width, with_footnotes, shuffled_rows, with_spaced_names]
    for change in (
        *rng.permutation(np.array(first, dtype=object))[:3],
        in_two_pages,
        shuffled_columns,
        with_notes,
    ):
        rows = change(rows, rng)
    table = read_yearbook(made.xlsx(rows), year=2020)
    assert figures(table) == edition.expected()


def test_a_dropped_city_is_named(made, edition):
    rng = np.random.default_rng(1)
    rows = filled(edition)
    places = [place for place, row in enumerate(rows) if place >= HEADER and yrd_code(row[0])]
    for place in rng.choice(places, 6, replace=False):
        table = read_yearbook(made.csv([*rows[:place], *rows[place + 1 :]]), year=2020)
        name = yrd.load_units().loc[yrd_code(rows[place][0]), "name_en"]
        assert f"1 of the 41 cities have no row: {name}" in set(table.problems["text"])


def test_a_doubled_city_is_named(made, edition):
    rows = filled(edition)
    for place in (10, 20, 30, 40):
        if yrd_code(rows[place][0]):
            twice = [*rows[place][:2], *(cell + 100 for cell in rows[place][2:])]
            table = read_yearbook(made.csv([*rows, twice]), year=2020)
            errors = table.problems[table.problems["severity"] == "error"]
            name = yrd.load_units().loc[yrd_code(rows[place][0]), "name_en"]
            assert errors["text"].str.contains(f"printed twice differ: gdp, {name}", regex=False).any()
            assert set(errors["row"]) == {len(rows) + 1}


@pytest.mark.parametrize(
    "text", ["135OOO", "l2.5", "12.3.4", "见上", "=", "1e999", "\ufffd", "2)604", "合肥市", "2020年"]
)
def test_garbage_in_a_cell_is_told_with_its_place(made, edition, text):
    rows = filled(edition)
    place = next(place for place, row in enumerate(rows) if "泰州市" in row[0])
    rows[place][2] = text
    table = read_yearbook(made.csv(rows), year=2020)
    errors = table.problems[table.problems["severity"] == "error"]
    assert [*zip(errors["row"], errors["column"], strict=True)] == [(place + 1, "C")]
    assert math.isnan(
        table.values.set_index(["adcode", "variable", "scope"]).loc[(321200, "gdp", "total"), "value"]
    )


def test_a_file_cut_off_anywhere_is_refused_or_told(made, edition, tmp_path):
    rows = filled(edition)
    whole = {path.suffix: path.read_bytes() for path in (made.xlsx(rows), made.xls(rows), made.csv(rows))}
    rng = np.random.default_rng(3)
    for suffix, data in whole.items():
        for length in rng.integers(0, len(data), 12):
            path = tmp_path / f"cut{suffix}"
            path.write_bytes(data[:length])
            table = read_or_refused(path)
            assert table is None or len(table.problems)


def test_bytes_changed_anywhere_never_fail_otherwise(made, edition, tmp_path):
    rows = filled(edition)
    rng = np.random.default_rng(4)
    for original in (made.xlsx(rows), made.xls(rows), made.csv(rows), written(made, rows, "html")):
        for _ in range(8):
            data = bytearray(original.read_bytes())
            for place in rng.integers(0, len(data), 8):
                data[place] = int(rng.integers(256))
            path = tmp_path / f"changed{original.suffix}"
            path.write_bytes(data)
            assert read_or_refused(path) is None or path.is_file()


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "城市",
            "合肥市",
            "苏州",
            "Suzhou",
            "江苏省",
            "单位：亿元",
            "续表",
            "地区生产总值",
            "GDP（万元）",
            "全市",
            "市辖区",
            "#市区",
            "年份",
            "2020年",
            "…",
            "－",
            "3-1 人口",
            "县级市",
        ]
    ),
    st.integers(-(10**9), 10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=8),
)


@QUIET
@given(st.lists(st.lists(CELLS, min_size=1, max_size=7), min_size=1, max_size=12))
def test_any_table_at_all_is_read_or_refused(made, rows):
    path = made.csv([[str(cell).replace("\ud800", "") for cell in row] for row in rows], encoding="utf-8")
    table = read_or_refused(path)
    if table is None:
        return
    assert table.values["adcode"].isin(yrd.load_units().index).all()
    assert table.values["scope"].isin(["total", "districts"]).all()
    gaps = table.values[table.values["value"].isna()]
    assert (gaps["flag"] != "").all()


@QUIET
@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_read_or_refused(tmp_path, data):
    path = tmp_path / "bytes.xlsx"
    path.write_bytes(data)
    before = path.read_bytes()
    read_or_refused(path)
    assert path.read_bytes() == before


def test_sixty_thousand_rows_are_read_in_a_breath(made, edition, figures):
    rows = filled(edition)
    table = read_yearbook(made.csv([*rows, *([["某市", "", 1, 2, 3, 4]] * 60_000)]), year=2020)
    assert figures(table) == edition.expected()
    assert len(table.problems) < 3100
