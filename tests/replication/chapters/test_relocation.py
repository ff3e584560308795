"""Chapter on where manufacturing went: numbers of the text read again from the panel."""

import re

import pandas as pd
import pytest

from yrdspatial.replication.chapters.relocation import (
    centre_point,
    largest,
    relocation_chapter,
    transfer_point,
)
from yrdspatial.replication.exhibits import Drawing
from yrdspatial.replication.relocation import Relocation


@pytest.fixture(scope="module")
def chapter(study, beyond, options):
    return relocation_chapter(study, beyond.relocation, options.seed)


def change(study, column, *spans):
    values = study.panel.frame[column].unstack("year")
    share = 100 * values / values.sum()
    return sum(share[last] - share[first] for first, last in spans)


def test_the_text_says_who_lost_and_where_it_did_not_go(study, beyond, minus):
    work = change(study, "emp_C_manufacturing", (2005, 2012), (2013, 2019))
    said = transfer_point(beyond.relocation, "employment")
    north = [320300, 320700, 320800, 320900, 321300, 340300, 340400, 340600, 341200, 341300, 341600]
    assert f"that of Shanghai ({minus(work[310000], 1)} points)" in said
    assert f"moved by {minus(work[north].sum(), 1, '+')} points together" in said
    assert "2005-2012 and 2013-2019" in said
    assert said.endswith("that cannot be told from chance.")


def test_value_added_is_told_from_chance(study, beyond, minus):
    value = change(study, "va_secondary", (2005, 2022))
    said = transfer_point(beyond.relocation, "value added")
    assert f"that of Shanghai ({minus(value[310000], 1)} points)" in said
    assert "chance" not in said
    assert float(re.search(r"\(p = (0\.\d+)", said)[1]) < 0.05


def test_the_largest_cities_are_named(study, beyond):
    work = change(study, "emp_C_manufacturing", (2005, 2012), (2013, 2019))
    said = largest(study, beyond.relocation, "employment")
    for code in (work.idxmax(), work.idxmin()):
        assert study.units["name_en"][code] in said
    gained, lost = re.fullmatch(r"Among cities (.*) gained most and (.*) lost most\.", said).groups()
    assert study.units["name_en"][work.idxmax()] in gained
    assert study.units["name_en"][work.idxmin()] in lost


def test_the_centre_moves_to_the_northwest_by_value_added(beyond):
    said = centre_point(beyond.relocation)
    row = beyond.relocation.moves.query("strand == 'value added' and window == 'sum'").iloc[0]
    assert f"by {row['distance']:.0f} km to the northwest from 2005 to 2022" in said
    assert row["east"] < 0 < row["north"]


def test_a_clear_result_is_not_called_chance():
    invented = Relocation(
        transfer=pd.DataFrame({("employment", "2005-2012"): [0.0], ("employment", "sum"): [0.0]}),
        regions=pd.DataFrame({("employment", "sum"): [1.0, -2.0, 0.5]}, index=["苏北", "Shanghai", "皖北"]),
        contrast=pd.DataFrame(
            {"origins": [-2.0], "destinations": [1.5], "difference": [3.5], "pvalue": [0.01]},
            index=["employment"],
        ).rename_axis("strand"),
        **dict.fromkeys(("centres", "moves", "ellipses", "shift_share"), pd.DataFrame()),
        notes={},
    )
    said = transfer_point(invented, "employment")
    assert "largest gains are those of Northern Jiangsu (+1.0) and Northern Anhui (+0.5)" in said
    assert said.endswith("(p = 0.010, permutation of cities).")


def test_maps_and_tables_are_there_and_drawn(chapter, parts_of):
    parts = parts_of(chapter)
    assert {
        "map-of-transfer",
        "gravity-path",
        "transfer-by-region",
        "shift-share",
        "moves-of-centres",
    } <= set(parts)
    for key in ("map-of-transfer", "gravity-path"):
        assert isinstance(parts[key], Drawing)
        assert len(parts[key].drawn().axes) == 2
    assert parts["map-of-transfer"].drawn().axes[0].get_title(loc="left").endswith("2005-2012 and 2013-2019")


def test_links_point_to_parts_of_the_chapter(chapter, parts_of):
    notes = " ".join(part.note for part in chapter.parts if isinstance(part, Drawing))
    assert set(re.findall(r"\[\[(.*?)\]\]", notes)) <= set(parts_of(chapter))
