"""The page in Chinese: its language, numbers, words of the script; in English nothing of it."""

import json
import re

import pandas as pd
import pytest

from yrdspatial.report.figures import change_plot
from yrdspatial.report.html import Caution, FigureBlock, Paragraph, Section, SortableTableBlock, report_html
from yrdspatial.report.style import figure_bytes, house_style, panel_grid
from yrdspatial.tables.speech import catalogue, speaking


@pytest.fixture(scope="module")
def png():
    with house_style():
        figure, _ = panel_grid(1, columns=1, width=1.0, aspect=1.0)
    return figure_bytes(figure, dpi=20)


@pytest.fixture(scope="module")
def page(png):
    table = SortableTableBlock("t", pd.DataFrame({"判定": ["可复现"]}), "一张表。", filters=["判定"])
    with speaking("zh"):
        text = Paragraph("上海，见 [[f]] 与 [[s]]。")
        blocks = [text, FigureBlock("f", png, "一幅图。", "空图"), Caution("小心。"), table]
        return report_html([Section("s", "一节", blocks)], title="长三角")


@pytest.mark.parametrize(
    "piece",
    [
        '<html lang="zh-Hans"',
        '<a href="#f">图 1</a>',
        '<a href="#s">第1节</a>',
        '<h2 id="s">1 一节</h2>',
        "<b>图 1</b>",
        "<b>表 1</b>",
        ">目录<",
        ">图表目录<",
        "<b>注意</b>",
    ],
)
def test_what_stands_in_the_page(page, piece):
    assert piece in page


def test_chinese_is_marked_in_an_english_page_only(page):
    assert '<span lang="zh-Hans">' not in page
    english = report_html([Section("s", "One", [Paragraph("上海 Shanghai")])], title="The delta")
    assert '<html lang="en">' in english
    assert '<span lang="zh-Hans">上海</span>' in english


def test_the_script_finds_its_words(page):
    (words,) = re.findall(r'data-words="(.*?)"', page)
    said = json.loads(words.replace("&#34;", '"').replace("&#39;", "'"))
    assert said["{left} of {rows} rows"] == "显示 {left} 行，共 {rows} 行"
    assert said["no data"] == "无数据"
    assert set(said) <= set(catalogue())


def test_a_figure_speaks_chinese():
    before, after = pd.Series({1: 3.0, 2: 4.0}), pd.Series({1: 2.0})
    with speaking("zh"):
        figure = change_plot(
            before, after, pd.Series({1: "上海", 2: "苏州"}), times=("2008", "2024"), label="时间"
        )
    assert figure.axes[0].get_xlabel() == "时间（1个城市无数据，未列）"
