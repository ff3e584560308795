"""Chapter on value added to the last year: shares, pace, centre and Moran's I of the text."""

import numpy as np
import pytest

from yrdspatial.replication.accounts import measure_accounts
from yrdspatial.replication.chapters.accounts import (
    accounts_chapter,
    centre_point,
    moran_point,
    pace_point,
    recent_point,
    recent_table,
    shares_plot,
    shares_point,
    spillover_point,
)


def share_of(study, year, province):
    values = study.panel.frame["va_secondary"].xs(year, level="year")
    return 100 * values[values.index // 10000 == province].sum() / values.sum()


def test_shares_of_the_first_the_census_and_the_last_year(study, beyond):
    said = shares_point(beyond.accounts)
    for province, words in ((31, "Shanghai"), (34, "Anhui")):
        first, before, last = (share_of(study, year, province) for year in (2005, 2018, 2022))
        assert f"{words} {first:.1f} % in 2005, {before:.1f} % in 2018, {last:.1f} % in 2022" in said


def test_gains_and_losses_since_the_census(beyond, minus):
    said = recent_point(beyond.accounts)
    table = beyond.accounts.recent["va_secondary"]
    assert f"Shanghai {minus(table['Shanghai'], 2, '+')}" in said
    assert f"Eastern Zhejiang {minus(table.max(), 2, '+')}" in said
    assert table.idxmax() == "浙东"


def test_pace_is_a_mean_of_years(beyond):
    said = pace_point(beyond.accounts)
    rows = beyond.accounts.pace.query("sector == 'va_secondary'")
    before = np.mean([row["moved"] for row in rows.to_dict("records") if row["year"] <= 2018])
    since = np.mean([row["moved"] for row in rows.to_dict("records") if row["year"] >= 2020])
    assert f"{before:.2f} points a year to 2018, {since:.2f} since" in said


def test_the_centre_stands_still_since_the_census(beyond):
    path = beyond.relocation.centres.query("strand == 'value added'").set_index("year")
    moved = np.hypot(*(path.loc[2022, ["x", "y"]] - path.loc[2019, ["x", "y"]]).to_numpy(float))
    assert f"and {moved:.1f} km from 2019 to 2022" in centre_point(beyond.relocation)


def test_moran_of_the_last_year_with_its_chance(clustering, minus):
    said = moran_point(clustering, "va_tertiary")
    row = clustering.table.query("variable == 'va_tertiary' and weights == 'rail' and year == 2022").iloc[0]
    assert f"rail of the year {minus(row['I'], 3)} (" in said
    rows = clustering.table.query(
        "variable == 'va_tertiary' and year == 2022 and weights in ['contiguity', 'rail']"
    )
    assert said.count("cannot be told from chance") == int((rows["p_sim"] >= 0.05).sum())


def test_spillovers_before_the_census_and_to_the_last_year(beyond, minus):
    said = spillover_point(beyond.sensitivity)
    table = beyond.sensitivity.spillovers.query("strand == 'value added' and quantity == 'rho'")
    row = table.query("variant == 'before the census' and weights == 'contiguity'").iloc[0]
    assert f"under contiguity {minus(row['estimate'], 2)} [" in said


def test_lines_are_cut_at_the_census_and_the_table_adds_up(beyond, clustering, parts_of):
    chapter = accounts_chapter(beyond.accounts, beyond.relocation, clustering, beyond.sensitivity)
    figure = parts_of(chapter)["province-shares-plot"].drawn()
    assert [panel.get_title(loc="left") for panel in figure.axes] == [
        "secondary value added",
        "tertiary value added",
    ]
    assert all(text.get_text() == "4th census" for panel in figure.axes for text in panel.texts)
    assert shares_plot(beyond.accounts).key == "province-shares-plot"
    shown = recent_table(beyond.accounts).shown
    assert shown["secondary value added"].sum() == pytest.approx(0, abs=1e-9)
    assert len(shown) == 9


def test_a_year_that_a_user_adds_is_said(study_2023):
    accounts = measure_accounts(study_2023.panel)
    assert "% in 2023" in shares_point(accounts)
    assert "2019 to 2023" in recent_point(accounts)
