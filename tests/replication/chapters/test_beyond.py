"""The chapters beyond the paper as a whole, and their points on the first page."""

import re

import pytest

from yrdspatial.replication.chapters.beyond import beyond_chapters, beyond_points
from yrdspatial.replication.chapters.borders import adjusted
from yrdspatial.replication.exhibits import Drawing, Exhibit
from yrdspatial.tables.speech import speaking

KEYS = [
    "where-it-went",
    "borders",
    "network-change",
    "distance-decay",
    "core-periphery",
    "sensitivity",
    "to-the-last-year",
]


@pytest.fixture(scope="module")
def chapters(study, beyond, clustering, options):
    return beyond_chapters(study, beyond, clustering, options.seed)


def test_chapters_stand_in_the_order_of_the_questions(chapters):
    assert [chapter.key for chapter in chapters] == KEYS


def test_keys_are_used_once_and_links_lead_somewhere(chapters, text_of, beyond):
    keys = [part.key for chapter in chapters for part in chapter.parts if isinstance(part, Drawing | Exhibit)]
    assert len(set(keys)) == len(keys)
    said = "\n".join([*map(text_of, chapters), *beyond_points(beyond)])
    assert set(re.findall(r"\[\[(.*?)\]\]", said)) <= {*keys, *KEYS}


def test_no_number_is_missing_in_the_text(chapters, text_of, beyond):
    said = "\n".join([*map(text_of, chapters), *beyond_points(beyond)])
    assert not re.search(r"\bnan\b|\bNone\b|\binf\b|[{}]", said)


def test_the_first_page_repeats_the_counts(beyond):
    points = beyond_points(beyond)
    assert len(points) == 4
    joint = adjusted(beyond.borders.tests).query("term == 'all'")
    without = beyond.borders.samples.query("sample == 'no Shanghai'")
    assert f"told apart in {sum(joint['p_fdr'] < 0.05)} of {len(joint)} Durbin models" in points[1]
    assert f"without Shanghai in {sum(without['pvalue'] < 0.05)} of {len(joint)}" in points[1]
    assert points[0].count("cannot be told from chance") == sum(beyond.relocation.contrast["pvalue"] >= 0.05)


def test_every_table_is_as_long_as_it_says(chapters):
    for chapter in chapters:
        for part in chapter.parts:
            if isinstance(part, Exhibit):
                assert len(part.frame), part.key
                assert part.caption.endswith("."), part.key
                assert part.shown is None or set(part.formats) <= set(part.shown.columns), part.key


def test_in_chinese_no_english_sentence_is_left(study, beyond, clustering, options, text_of):
    with speaking("zh"):
        chapters = beyond_chapters(study, beyond, clustering, options.seed)
        said = "\n".join([*map(text_of, chapters), *beyond_points(beyond), *(one.title for one in chapters)])
    said = re.sub(r"\[\[.*?\]\]", "", said)
    words = set(re.findall(r"[A-Za-z]{3,}", said)) - {"GDP", "FDI", "Wald", "Durbin", "FDR", "exp"}
    assert words == set()
