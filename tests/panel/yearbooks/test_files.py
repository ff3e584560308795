"""Files of every kind to sheets, whatever they are called."""

import io
import zipfile

import openpyxl
import pytest

from yrdspatial.errors import DataError
from yrdspatial.panel.yearbooks.delimited import decode
from yrdspatial.panel.yearbooks.excel import MAX_CELLS, read_excel, scan_worksheets
from yrdspatial.panel.yearbooks.files import as_paths, read_sheets
from yrdspatial.panel.yearbooks.web import read_web

GRID = [["城市", "地区生产总值"], ["合肥市", 10045.5], ["泰州市", ""]]


def test_every_kind_gives_the_same_grid(made):
    texts = [["城市", "地区生产总值"], ["合肥市", "10045.5"], ["泰州市", ""]]
    for path in (made.xlsx(GRID), made.xls(GRID)):
        assert read_sheets(path)[0].rows == GRID
    for encoding in ("utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"):
        assert read_sheets(made.csv(GRID, encoding=encoding))[0].rows == texts
    for delimiter in "\t;|":
        assert read_sheets(made.csv(GRID, delimiter=delimiter))[0].rows == texts


def test_the_content_counts_and_not_the_name(made, tmp_path):
    excel = made.xlsx(GRID)
    renamed = tmp_path / "table.csv"
    renamed.write_bytes(excel.read_bytes())
    assert read_sheets(renamed)[0].rows == GRID
    page = made.html("<table><tr><td>合肥</td></tr></table>", suffix="xls")
    assert read_sheets(page)[0].rows == [["合肥"]]


def test_merged_ranges_of_excel_files(made):
    rows = [["title", "", ""], ["a", "b", "c"]]
    for path in (made.xlsx(rows, [(0, 0, 0, 2)]), made.xls(rows, [(0, 0, 0, 2)])):
        sheet = read_sheets(path)[0]
        assert sheet.merges == ((0, 0, 0, 2),)
        assert sheet.filled()[0] == ["title"] * 3


def test_a_table_that_does_not_begin_in_the_first_cell(tmp_path):
    book = openpyxl.Workbook()
    book.active["C4"], book.active["D6"] = "合肥", 3
    path = tmp_path / "late.xlsx"
    book.save(path)
    sheet = read_sheets(path)[0]
    assert sheet.rows[3][2:] == ["合肥", ""]
    assert sheet.rows[5][2:] == ["", 3]
    assert sheet.spot(5, 3).column == "D"


def test_all_sheets_are_read_by_name(made):
    path = made.xlsx(GRID, sheet="2-7")
    book = openpyxl.load_workbook(path)
    book.create_sheet("2-8", 0)["A1"] = "=1+1"
    book.save(path)
    sheets = {sheet.name: sheet for sheet in read_sheets(path)}
    assert list(sheets) == ["2-8", "2-7"]
    assert len(sheets["2-8"].remarks) == 1
    assert sheets["2-8"].remarks[0][3:] == (1, "A")
    assert sheets["2-7"].remarks == ()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty file is no table"),
        (b"  \n", "an empty file is no table"),
        (b"%PDF-1.7 ...", "a PDF file is no table"),
        (b"\x89PNG....", "a picture is no table"),
        (b"PK\x03\x04 broken", "an Excel file is damaged"),
        (b"\xd0\xcf\x11\xe0 broken", "an Excel file cannot be read"),
        (bytes(range(8)) * 100, "a file is neither text nor Excel nor html"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_line(tmp_path, content, what):
    path = tmp_path / "file.xlsx"
    path.write_bytes(content)
    with pytest.raises(DataError, match=what) as caught:
        read_sheets(path)
    assert "file.xlsx" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_zip_file_that_is_no_workbook_is_refused(tmp_path):
    path = tmp_path / "other.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "text")
    with pytest.raises(DataError):
        read_sheets(path)


def test_a_cell_far_outside_is_refused_before_it_takes_memory(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "合肥", 1
    path = tmp_path / "far.xlsx"
    book.save(path)
    with pytest.raises(DataError, match=r"reaches further than any table.*1048576 rows, 16384 columns"):
        read_excel(path)
    assert MAX_CELLS < 1048576 * 16384


def test_formulas_and_error_values_are_found_in_the_bytes(made):
    rows = [["a", "=A1"], ["#DIV/0!", 2], ["=SUM(A1:A3)", "x"]]
    (scan,) = scan_worksheets(made.xlsx(rows).read_bytes(), "a").values()
    assert [(row, column) for _, _, _, row, column in scan.remarks] == [(1, "B"), (2, "A"), (3, "A")]
    assert (scan.rows, scan.columns) == (3, 2)


def test_a_formula_with_a_stored_result_is_a_figure(made, tmp_path):
    data = io.BytesIO(made.xlsx([["合肥", "=1+1"]]).read_bytes())
    path = tmp_path / "stored.xlsx"
    with zipfile.ZipFile(data) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name.endswith("sheet1.xml"):
                content = (
                    content.replace(b"<v></v>", b"<v>2</v>")
                    .replace(b"<v />", b"<v>2</v>")
                    .replace(b"<v/>", b"<v>2</v>")
                )
            target.writestr(name, content)
    sheet = read_sheets(path)[0]
    assert sheet.rows == [["合肥", 2]]
    assert sheet.remarks == ()


def test_a_long_sheet_is_scanned_in_pieces(tmp_path):
    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("long")
    for number in range(40_000):
        page.append([f"row {number}", number, number / 7])
    book.save(tmp_path / "long.xlsx")
    (scan,) = scan_worksheets((tmp_path / "long.xlsx").read_bytes(), "a").values()
    assert (scan.rows, scan.columns) == (40_000, 3)


# text


def test_decoding():
    assert decode("合肥,1".encode(), "a") == ("合肥,1", True)
    assert decode("合肥,1".encode("gbk"), "a") == ("合肥,1", True)
    assert decode("合肥,1".encode("utf-8-sig"), "a") == ("合肥,1", True)
    assert decode("合肥,1".encode("utf-16"), "a") == ("合肥,1", True)
    assert decode(b"", "a") == ("", True)


def test_a_character_cut_off_at_the_end_is_dropped():
    assert decode("合肥".encode()[:-1], "a") == ("合", True)


def test_bytes_that_are_no_character_are_told(made):
    path = made.csv("城市,GDP\n合肥,1\n")
    path.write_bytes(path.read_bytes() + b"\xff\xff\xff\xff" + "亳州,2\n".encode())
    sheet = read_sheets(path)[0]
    assert sheet.rows[1] == ["合肥", "1"]
    assert "could not be decoded" in sheet.remarks[0][1]


def test_quotes_and_line_breaks_inside_cells(made):
    sheet = read_sheets(made.csv('城市,"地区\n生产总值, 亿元"\n合肥,"1,234"\n'))[0]
    assert sheet.rows == [["城市", "地区\n生产总值, 亿元"], ["合肥", "1,234"]]


def test_an_open_quote_is_no_traceback(made):
    assert len(read_sheets(made.csv('城市,GDP\n合肥,"1\n芜湖,2\n'))[0].rows) == 2


def test_a_cell_longer_than_any_is_refused(made):
    with pytest.raises(DataError, match="a csv file cannot be read"):
        read_sheets(made.csv("城市,GDP\n合肥," + "9" * 2_000_000))


# html


def test_spans_become_merged_ranges(made):
    page = (
        "<table><tr><th rowspan=2>城市</th><th colspan='2'>GDP</th><th rowspan='2'>人口</th></tr>"
        "<tr><td>全市</td><td>市辖区</td></tr><tr><td>合肥</td><td>1</td><td>2</td><td>3</td></tr></table>"
    )
    (sheet,) = read_web(made.html(page))
    assert sheet.rows == [["城市", "GDP", "", "人口"], ["", "全市", "市辖区", ""], ["合肥", "1", "2", "3"]]
    assert sheet.filled()[1] == ["城市", "全市", "市辖区", "人口"]
    assert sheet.filled()[0] == ["城市", "GDP", "GDP", "人口"]


def test_what_stands_above_a_table_is_read_with_it(made):
    page = "<h2>2-7 地区生产总值</h2><p>单位：亿元</p><table><caption>2020年</caption><tr><td>合肥</td></tr></table>"
    (sheet,) = read_web(made.html(page))
    assert [row[0] for row in sheet.rows] == ["2-7 地区生产总值", "单位：亿元", "2020年", "合肥"]


def test_only_innermost_tables_count_and_all_of_them(made):
    page = "<table><tr><td><table><tr><td>a</td></tr></table></td></tr></table><table><tr><td>b</td></tr></table>"
    assert [sheet.rows for sheet in read_web(made.html(page))] == [[["a"]], [["b"]]]
    assert [sheet.name for sheet in read_web(made.html(page))] == ["table 1", "table 2"]


def test_raised_marks_are_footnotes(made):
    (sheet,) = read_web(made.html("<table><tr><td>12.5<sup>1)</sup></td></tr></table>"))
    assert sheet.rows == [["12.5[1]"]]


@pytest.mark.parametrize("span", ["x", "-3", "0", "99999999", ""])
def test_odd_spans_do_no_harm(made, span):
    (sheet,) = read_web(
        made.html(f"<table><tr><td colspan='{span}' rowspan='{span}'>a</td><td>b</td></tr></table>")
    )
    assert sheet.rows[0][0] == "a"


def test_broken_html_is_no_traceback(made):
    assert read_web(made.html("<table><tr><td>合肥<td>1<tr><td>芜湖"))[0].rows == [
        ["合肥", "1"],
        ["芜湖", ""],
    ]
    assert read_web(made.html("<html></html>")) == []
    assert read_web(made.html('<?xml version="1.0" encoding="gbk"?><p>no table</p>')) == []


# paths


def test_paths_as_people_give_them(made):
    path = made.csv(GRID)
    assert as_paths(path) == as_paths(str(path)) == as_paths([path]) == as_paths(iter([str(path)])) == [path]


@pytest.mark.parametrize("paths", [None, [], 3, [3], {}, ""])
def test_no_path_is_refused(paths):
    with pytest.raises(DataError):
        as_paths(paths)
