"""The report in Chinese: every text and every table as shown, without a word of English but those listed."""

import re
from types import SimpleNamespace

import pandas as pd
import pytest

from yrdspatial.replication.chapters.provenance import provenance_chapter
from yrdspatial.replication.chapters.robustness import head_of
from yrdspatial.replication.claims import all_checks, load_claims
from yrdspatial.replication.exhibits import Exhibit, printed
from yrdspatial.replication.pipeline import story
from yrdspatial.replication.robustness import robustness
from yrdspatial.report.interactive import MapBlock
from yrdspatial.tables.speech import speaking

LATIN = re.compile(r"[A-Za-z']{4,}")
MARKED = re.compile(
    r"\[\[.*?\]\]|`.*?`|\(?panels/\S+?\.csv\)?|population_\w+|gdp_index_\w+|log_\w+|fiscal_gdp"
)
KEPT = {"Wald", "Mann", "Kendall", "Enter", "delta", "GeoNames", "UNIDO"}
CLAIMS = [
    "P-01",
    "P-06",
    "M-01",
    "S1-02",
    "L-03",
    "L-09",
    "S1-05",
    "S3-01",
    "S3-14",
    "S3-16",
    "S4-04",
    "T1-04",
    "Q4-03",
]


@pytest.fixture(scope="module")
def chapters(study, measures, tested, clustering, spillovers, beyond, options):
    with speaking("zh"):
        variants = robustness(study, lang="zh", naming=head_of)
    stages = SimpleNamespace(
        study=study,
        measures=measures,
        tested=tested,
        clustering=clustering,
        spillovers=spillovers,
        beyond=beyond,
        robustness=variants,
        **options._asdict(),
    )
    with speaking("zh"):
        return [*story(stages), provenance_chapter(study, options.seed, options.permutations, None)]


def texts(part):
    fields = ("text", "title", "caption", "alt", "note")
    said = [getattr(part, field, "") for field in fields] + [
        *getattr(part, "points", ()),
        *getattr(part, "notes", ()),
    ]
    if isinstance(part, MapBlock):
        said += [layer.title for layer in part.layers] + list(part.titles.values())
    return said + (cells(part) if isinstance(part, Exhibit) and not part.long else [])


def cells(part):
    one = printed(part)
    frame = one.frame.reset_index() if one.frame.index.name else one.frame
    words = [cell for column in frame for cell in frame[column] if isinstance(cell, str)]
    return [*map(str, frame.columns), *words]


def english(text):
    return [word for word in LATIN.findall(MARKED.sub("", text)) if word not in KEPT]


def test_no_english_is_left(chapters):
    parts = [part for chapter in chapters for part in chapter.parts]
    parts = [part for part in parts if getattr(part, "key", "") != "sources-used"]
    with speaking("zh"):
        said = [text for part in parts for text in texts(part)]
    assert {text: english(text) for text in said if english(text)} == {}
    assert sum("的" in text for text in said) > 100
    assert [chapter.title for chapter in chapters if english(chapter.title)] == []


def test_sources_keep_their_files_and_names_in_latin_letters_only(chapters):
    (table,) = [
        part for chapter in chapters for part in chapter.parts if getattr(part, "key", "") == "sources-used"
    ]
    with speaking("zh"):
        frame = printed(table).frame
    plain = frame["标题"].str.count("[A-Za-z]") < frame["标题"].str.len() / 2
    assert frame.loc[~plain & ~frame["标题"].str.contains("YRD|template"), "标题"].tolist() == []


def test_csv_files_keep_the_words_of_the_data(chapters):
    tables = {
        part.key: part.frame for chapter in chapters for part in chapter.parts if isinstance(part, Exhibit)
    }
    assert set(tables["lisa"]["cluster"].dropna()) <= {"HH", "LL", "HL", "LH", "not significant"}
    assert set(tables["moran"].columns) >= {"weights", "variable", "year", "p_sim"}
    assert isinstance(tables["breaks"], pd.DataFrame)
    assert "scope" in set(tables["breaks"]["kind"])


@pytest.mark.parametrize("name", CLAIMS)
def test_a_verdict_says_why_in_chinese(case, name):
    claim = next(claim for claim in load_claims() if claim.id == name)
    with speaking("zh"):
        verdict = all_checks()[name].judge(case, claim)
    assert english(f"{verdict.why} {verdict.computed} {verdict.gap}") == []
    assert re.search("[一-鿿]{4}", verdict.why)
