"""Chapter on spillovers: parameters, effects, warnings and holes of the text against the fitted models."""

import re

import numpy as np
import pytest
from scipy.stats import norm

from yrdspatial.replication.chapters.transfer import (
    STRANDS,
    dense_warning,
    holes,
    ladder,
    pooled_warning,
    spatial_dependence,
    strand_parts,
    transfer_chapter,
)
from yrdspatial.replication.chapters.wording import title
from yrdspatial.replication.exhibits import Drawing, Exhibit
from yrdspatial.report.html import Bullets

FAMILIES = ("contiguity", "rail", "rail_frozen")


def durbin(spillovers, strand):
    """Take the Durbin models of a strand by weights."""
    return {one.weights: one for one in spillovers.main if (one.strand, one.model) == (strand, "SDM")}


def said(value, digits=3):
    """Print a number with a long minus."""
    return f"{value:.{digits}f}".replace("-", "−")


def number(cell):
    """Value of a printed cell without its stars, brackets and long minus."""
    return float(cell.strip("*()").replace("−", "-"))


@pytest.mark.parametrize("strand", STRANDS)
def test_the_text_says_rho_and_its_pvalue(spillovers, strand):
    text = spatial_dependence(spillovers, strand)
    for weights, one in durbin(spillovers, strand).items():
        rho, error = one.results.params["rho"], one.results.std_errors["rho"]
        p = 2 * norm.sf(abs(rho / error))
        words = "p < 0.001" if p < 0.001 else f"p = {p:.3f}"
        assert f"{title(weights)} {said(rho)} ({words})" in text


@pytest.mark.parametrize("strand", STRANDS)
def test_the_text_lists_the_indirect_effects_below_five_percent(spillovers, strand):
    listed = spatial_dependence(spillovers, strand).split("at 5 %: ")[1].rstrip(".")
    expected = []
    for weights, one in durbin(spillovers, strand).items():
        for _, row in one.impacts.iterrows():
            p = 2 * norm.sf(abs(row["estimate"] / row["std_error"]))
            if row["effect"] == "indirect" and p < 0.05:
                expected.append(f"{title(row['variable'])} {said(row['estimate'], 2)} under {title(weights)}")
    assert listed == ("; ".join(expected) or "none")


def test_no_indirect_effect_is_none(spillovers):
    quiet = [type(one)(**{**vars(one), "impacts": one.impacts.assign(pvalue=0.5)}) for one in spillovers.main]
    silent = type(spillovers)(**{**vars(spillovers), "main": tuple(quiet)})
    assert spatial_dependence(silent, "employment").endswith("at 5 %: none.")


@pytest.mark.parametrize("strand", STRANDS)
def test_a_strand_has_two_tables_and_a_figure(spillovers, strand):
    first, second, figure = strand_parts(spillovers, strand)
    assert isinstance(first, Exhibit)
    assert isinstance(second, Exhibit)
    assert isinstance(figure, Drawing)
    assert len({first.key, second.key, figure.key}) == 3
    assert all(re.fullmatch(r"[a-z][a-z-]*", part.key) for part in (first, second, figure))
    assert list(second.frame) == [title(weights) for weights in FAMILIES]


def test_the_ladder_names_its_steps(spillovers):
    table = ladder(spillovers)
    assert list(table.frame) == ["unit effects", "time effects", "twoways effects"]
    cells = table.frame.loc["ρ"]
    for cell, one in zip(cells, spillovers.ladder, strict=True):
        assert number(cell) == pytest.approx(one.results.params["rho"], abs=0.0005 + 1e-12)


def test_the_pooled_warning_says_both_numbers(spillovers):
    text = pooled_warning(spillovers).text
    inside = durbin(spillovers, "employment")["contiguity"].results
    pooled = spillovers.pooled.results
    assert (
        f"gives ρ = {said(pooled.params['rho'])} (se {pooled.std_errors['rho']:.3f}) under contiguity" in text
    )
    assert (
        f"inside the windows it is {said(inside.params['rho'])} (se {inside.std_errors['rho']:.3f})" in text
    )


def test_the_dense_warning_says_its_interval_and_the_warnings(spillovers):
    text = dense_warning(spillovers).text
    dense = spillovers.dense.results
    assert f"ρ = {said(dense.params['rho'])} with a standard error of {dense.std_errors['rho']:.3f}" in text
    assert all(warning in text for warning in dense.warnings)
    assert "weakly identified" in text


def test_the_dense_interval_comes_from_the_eigenvalues(study, spillovers):
    """Rho lives in (1/smallest, 1/largest) over the years, the narrowest of them; printed with two decimals."""
    minutes = study.times.array[[study.times.years.index(year) for year in range(2006, 2020)]]
    raw = 1 / (minutes + 60)
    raw[:, np.arange(41), np.arange(41)] = 0
    values = np.linalg.eigvals(raw / raw.sum(axis=2, keepdims=True)).real
    ends = re.search(r"inside \((−?[\d.]+), (−?[\d.]+)\)", dense_warning(spillovers).text)
    assert number(ends[1]) == pytest.approx(1 / values.min(), abs=0.005 + 1e-9)
    assert number(ends[2]) == pytest.approx(1 / values.max(), abs=0.005 + 1e-9)


def test_holes_are_named_with_what_changes_without_their_years(study, spillovers):
    (table,) = holes(study, spillovers)
    assert table.frame["city"].tolist() == ["常州 Changzhou"] * 3
    assert table.frame["year"].tolist() == [2015] * 3
    assert table.frame["variable"].tolist() == ["ln GDP per head"] * 3
    assert table.frame["strand"].tolist() == list(STRANDS)
    for one in spillovers.without_holes:
        rho, error = one.results.params["rho"], one.results.std_errors["rho"]
        assert f"{one.strand}, under {title(one.weights)}: {said(rho)} (se {error:.3f})" in table.notes[0]


def test_the_whole_tables_name_every_model_once(study, spillovers):
    chapter = transfer_chapter(study, spillovers, 7)
    whole = {part.key: part.frame for part in chapter.parts if isinstance(part, Exhibit) and part.long}
    names = ["strand", "model", "weights", "fixed_effects"]
    assert not whole["coefficients"].duplicated([*names, "term"]).any()
    assert not whole["effects"].duplicated([*names, "variable", "effect"]).any()
    assert whole["coefficients"].groupby(names).ngroups == 26


def test_the_chapter_says_the_seed_and_every_strand(study, spillovers):
    chapter = transfer_chapter(study, spillovers, 7)
    assert "(seed 7)" in chapter.parts[0].text
    points = next(part for part in chapter.parts if isinstance(part, Bullets)).points
    assert [point.split("**")[1].rstrip(".") for point in points] == list(STRANDS.values())
