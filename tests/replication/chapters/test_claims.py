"""The chapter on the paper: counts, defects, and every claim."""

import pytest

from yrdspatial.replication.chapters.claims import MEANINGS, claims_chapter, defects_table, waiting
from yrdspatial.replication.exhibits import Exhibit
from yrdspatial.replication.verdicts import VERDICTS


@pytest.fixture(scope="module")
def exhibits(claims):
    return {part.key: part.frame for part in claims_chapter(claims).parts if isinstance(part, Exhibit)}


def test_every_claim_is_shown(exhibits, claims):
    assert list(exhibits["claims-and-verdicts"]["id"]) == list(claims["id"])


def test_counts_are_recounted(exhibits, claims):
    counts = exhibits["claims-by-verdict"].set_index("verdict")
    for verdict in VERDICTS:
        for kind in "DEFLMNRST":
            here = (claims["verdict"] == verdict) & (claims["type"] == kind)
            assert counts.loc[verdict, kind] == here.sum()
        assert counts.loc[verdict, "all"] == (claims["verdict"] == verdict).sum()


def test_every_verdict_is_explained():
    assert tuple(MEANINGS) == VERDICTS


def test_twelve_defects_with_the_verdicts_they_touch(claims):
    table = defects_table(claims)
    assert list(table["defect"]) == [f"D{number}" for number in range(1, 13)]
    assert "S4-08: source inconsistent" in table["claims"][4]
    rows = claims.set_index("id")
    assert table["found"][5] == rows.loc["S3-09", "why"]
    assert table["found"][6] == rows.loc["S3-07", "why"]
    assert (table["found"].str.len() > 0).sum() == 11  # D11: nothing can be computed


def test_what_waits_is_counted(claims):
    why = claims.loc[claims["verdict"] == "not testable", "why"]
    text = waiting(claims)
    assert f"{len(why)} claims" in text
    assert f"{sum('panels/manufacturing' in sentence for sentence in why)} wait for manufacturing" in text
    assert f"{sum('panels/services' in sentence for sentence in why)} for value added of services" in text
