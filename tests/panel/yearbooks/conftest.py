"""Made files: synthetic tables in the layout of a yearbook, written to a temporary folder."""

import csv
import io
from pathlib import Path

import numpy as np
import openpyxl
import pytest
import xlwt

from yrdspatial.geography.units import load_units


class MadeFiles:
    """Writes grids of cells as the files that people have."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.count = 0

    def path(self, suffix):
        """Return the next free path."""
        self.count += 1
        return self.folder / f"made{self.count}.{suffix}"

    def csv(self, table, *, encoding="utf-8", delimiter=","):
        """Write a text, or the rows of a grid."""
        if not isinstance(table, str):
            stream = io.StringIO()
            csv.writer(stream, delimiter=delimiter).writerows(table)
            table = stream.getvalue()
        path = self.path("csv")
        path.write_bytes(table.encode(encoding))
        return path

    def xlsx(self, rows, merges=(), *, sheet="Sheet1"):
        """Write a grid through openpyxl."""
        path = self.path("xlsx")
        book = openpyxl.Workbook()
        page = book.active
        page.title = sheet
        fill(page, rows, merges)
        book.save(path)
        return path

    def xls(self, rows, merges=()):
        """Write a grid through xlwt."""
        path = self.path("xls")
        book = xlwt.Workbook(encoding="utf-8")
        page = book.add_sheet("made")
        inside = {(r, c) for a, b, d, e in merges for r in range(a, d + 1) for c in range(b, e + 1)}
        for top, left, bottom, right in merges:
            page.write_merge(top, bottom, left, right, rows[top][left])
        for row, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell != "" and (row, column) not in inside:
                    page.write(row, column, cell)
        book.save(str(path))
        return path

    def html(self, text, *, encoding="utf-8", suffix="html"):
        """Write a page."""
        path = self.path(suffix)
        path.write_bytes(text.encode(encoding))
        return path


def fill(page, rows, merges=()):
    """Write a grid to a sheet of openpyxl; merges are (top, left, bottom, right) from 0."""
    for row, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells, start=1):
            if cell != "":
                page.cell(row, column).value = cell
    for top, left, bottom, right in merges:
        page.merge_cells(start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1)


@pytest.fixture
def made(tmp_path):
    """Return a writer of made files in the test's own folder."""
    return MadeFiles(tmp_path)


class MadeEdition:
    """Synthetic tables of one edition: all 41 cities, some others, provinces; numbers drawn, none is real."""

    OTHERS = (("北京市", "Beijing"), ("石家庄市", "Shijiazhuang"), ("福州市", "Fuzhou"), ("抚州市", "Fuzhou"))

    def __init__(self, seed):
        rng = np.random.default_rng(seed)
        self.units = load_units()
        self.gdp = dict(zip(self.units.index, rng.integers(800, 30000, 41).tolist(), strict=True))
        first = rng.uniform(0.3, 15, 41).round(2)
        second = rng.uniform(25, 55, 41).round(2)
        shares = np.column_stack([first, second, 100 - first - second]).round(2)
        self.shares = dict(zip(self.units.index, shares.tolist(), strict=True))
        self.population = dict(zip(self.units.index, rng.integers(100, 2500, 41).tolist(), strict=True))

    def places(self):
        """Yield (code or 0, Chinese name, English name) as the yearbook lists them."""
        for name, english in self.OTHERS:
            yield 0, name, english
        for province, rows in self.units.groupby("province_zh", sort=False):
            if province != "上海市":
                yield 0, province, ""
            for row in rows.itertuples():
                yield row.Index, f"  {row.name_zh}", f"  {row.name_en.split(' (')[0]}"

    def table_2_7(self):
        """Return the rows and merges of a table of gross regional product."""
        rows = [
            ["2-7地区生产总值 Gross Regional Product", "", "", "", "", ""],
            [
                "城 市",
                "City",
                "地区生产总值（当年价格）（亿元） Gross Regional Product （100 000 000 yuan）",
                "",
                "年末常住人口（万人）",
                "",
            ],
            [
                "",
                "",
                "全市 Total City",
                "市辖区 Districts under City",
                "全市 Total City",
                "市辖区 Districts under City",
            ],
        ]
        for code, name, english in self.places():
            if name.strip().endswith("省"):
                rows.append([name, english, "", "", "", ""])
            else:
                gdp, people = self.gdp.get(code, 999), self.population.get(code, 99)
                rows.append([name, english, gdp, gdp // 2, people, people // 2])
        return rows, [(1, 0, 2, 0), (1, 1, 2, 1), (1, 2, 1, 3), (1, 4, 1, 5)]

    def table_2_8(self):
        """Return the rows and merges of a table of the composition of the product."""
        titles = [f"第{n}产业占地区生产总值的比重" for n in "一二三"]
        rows = [
            ["2-8地区生产总值构成", "", "", "", ""],
            ["单位：％", "", "", "", "(%)"],
            ["城市", "City", *titles],
        ]
        for code, name, english in self.places():
            rows.append([name, english, *(self.shares.get(code, ["", "", ""]))])
        return rows, []

    def expected(self, scope="total"):
        """Return {(code, variable): value} of the printed figures."""
        half = 2 if scope == "districts" else 1
        found = {(code, "gdp"): value // half for code, value in self.gdp.items()}
        return found | {
            (code, "population_resident"): value // half for code, value in self.population.items()
        }


@pytest.fixture
def edition():
    """Return made tables of one edition, always the same."""
    return MadeEdition(20201124)


def as_dict(table, scope="total"):
    """Return {(code, variable): value} of a YearbookTable."""
    rows = table.values[table.values["scope"] == scope]
    return {(int(row.adcode), row.variable): row.value for row in rows.itertuples()}


@pytest.fixture
def figures():
    """Return the function that turns a YearbookTable into a dict."""
    return as_dict
