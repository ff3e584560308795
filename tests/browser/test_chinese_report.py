"""The map and the table in Chinese, as a reader sees them; invented numbers."""

import pandas as pd
import pytest
from playwright.sync_api import expect

from yrdspatial.report.html import Section, SortableTableBlock, render_report
from yrdspatial.tables.speech import speaking


@pytest.fixture(scope="module")
def address(block, tmp_path_factory):
    """Write the page in Chinese and give its address."""
    table = pd.DataFrame(
        {"判定": ["可复现", "不可复现"] * 6, "论断": [f"虚构的论断{one}" for one in range(12)]}
    )
    out = tmp_path_factory.mktemp("chinese") / "report.html"
    with speaking("zh"):
        claims = SortableTableBlock("claims", table, "论断（虚构）。", filters=["判定"])
        return render_report([Section("one", "一", [block, claims])], out, title="长三角").as_uri()


def test_the_table_answers_in_chinese(page):
    table = page.locator("#claims")
    expect(table.locator(".found")).to_have_text("显示 12 行，共 12 行")
    expect(table.locator("select option").first).to_have_text("全部（12）")
    table.locator("select").select_option("可复现")
    expect(table.locator(".found")).to_have_text("显示 6 行，共 12 行")
    table.locator("input[type=search]").fill("论断4")
    expect(table.locator(".found")).to_have_text("显示 1 行，共 12 行")


def test_the_map_answers_in_chinese(page):
    plan = page.locator("#ask")
    expect(plan.locator("label").first).to_contain_text("年份")
    expect(plan.locator(".key li").first).to_contain_text("不超过")
    plan.locator("select[name=city]").select_option("0")
    expect(plan.locator(".city h4")).to_have_text("上海")
    expect(plan.locator(".city thead")).to_contain_text("邻近城市（contiguity）")
    expect(plan.locator(".city p.note")).to_have_text("曲线在数据断点处断开：2020年：an invented break。")
    plan.locator("input[type=range]").fill("1")
    expect(plan.locator(".city p").first).to_contain_text("无数据")


def test_clusters_are_named_in_chinese(page):
    plan = page.locator("#ask")
    plan.locator("select[name=layer]").select_option("1")
    assert "HH：高—高" in plan.locator(".key li").all_text_contents()
    assert "不显著" in plan.locator(".key li").all_text_contents()
    plan.locator("select[name=city]").select_option("2")
    expect(plan.locator(".city p").first).to_contain_text("不显著")
