"""Models side by side: rows, stars, brackets, blocks, foot."""

import pandas as pd
import pytest

from yrdspatial.tables.cells import Figure
from yrdspatial.tables.regression import STARS, regression_table
from yrdspatial.tables.render import table_latex


def terms(**values):
    return pd.DataFrame.from_dict(values, orient="index", columns=["estimate", "std_error", "pvalue"])


SAR = terms(wage=(0.5, 0.1, 0.0001), rho=(0.24, 0.06, 0.03))
SDM = terms(wage=(-0.25, 0.2, 0.2113), W_wage=(0.1, 0.056, 0.075), rho=(0.2, 0.05, 0.0005))


def test_a_coefficient_stands_over_its_standard_error():
    table = regression_table({"": {"SAR": SAR}})
    assert table.frame.index.tolist() == ["wage", "", "rho", ""]
    assert table.frame["SAR"].tolist() == ["0.500***", "(0.100)", "0.240**", "(0.060)"]
    assert table.rules == ()


def test_terms_come_in_the_order_in_which_they_are_first_seen():
    table = regression_table({"": {"SAR": SAR, "SDM": SDM}})
    assert table.frame.index.tolist()[::2] == ["wage", "rho", "W_wage"]


def test_a_model_without_the_term_has_blank_cells():
    frame = regression_table({"": {"SAR": SAR, "SDM": SDM}}).frame
    assert frame["SAR"].tolist()[4:] == ["", ""]
    assert frame["SDM"].tolist()[4:] == ["0.100*", "(0.056)"]


@pytest.mark.parametrize(
    ("pvalue", "mark"), [(0.0099, "***"), (0.01, "**"), (0.05, "*"), (0.0999, "*"), (0.10, ""), (1.0, "")]
)
def test_a_level_must_be_passed_not_touched(pvalue, mark):
    frame = regression_table({"": {"m": terms(x=(1.0, 1.0, pvalue))}}).frame
    assert frame["m"].iloc[0] == f"1.000{mark}"


def test_the_legend_of_the_stars_is_printed():
    notes = regression_table({"": {"SAR": SAR}}).notes
    assert notes == ("Standard errors in brackets.", "* p < 0.10, ** p < 0.05, *** p < 0.01.")


def test_no_stars_and_no_legend_when_none_are_asked_for():
    table = regression_table({"": {"SAR": SAR}}, stars=())
    assert table.notes == ("Standard errors in brackets.",)
    assert not table.frame["SAR"].str.contains(r"\*").any()


def test_other_levels_are_printed_as_asked():
    table = regression_table({"": {"SAR": SAR}}, stars=((0.001, "***"), (0.05, "*")))
    assert table.frame["SAR"].iloc[2] == "0.240*"
    assert "* p < 0.05, *** p < 0.001." in table.notes


def test_missing_p_values_and_errors_are_shown_as_missing():
    frame = regression_table({"": {"m": terms(x=(1.0, float("nan"), float("nan")))}}).frame
    assert frame["m"].tolist() == ["1.000", "(–)"]


def test_blocks_have_titles_and_rules():
    table = regression_table({"": {"SDM": SDM}, "Direct effects": {"SDM": SAR.loc[["wage"]]}})
    assert table.frame.index.tolist()[6:] == ["Direct effects", "wage", ""]
    assert table.frame["SDM"].iloc[6] == ""
    assert table.rules == (6,)


def test_models_of_any_block_get_a_column():
    table = regression_table({"": {"SAR": SAR}, "Indirect": {"SDM": SDM}})
    assert table.frame.columns.tolist() == ["SAR", "SDM"]


def test_the_foot_keeps_words_whole_numbers_and_fractions():
    foot = pd.DataFrame(
        {"SAR": ["yes", 574, 0.91234], "SDM": ["no", 574, None]}, index=["Year effects", "N", "R²"]
    )
    table = regression_table({"": {"SAR": SAR, "SDM": SDM}}, footer=foot, digits=2)
    assert table.frame["SAR"].tolist()[-3:] == ["yes", "574", "0.91"]
    assert table.frame["SDM"].tolist()[-3:] == ["no", "574", "–"]
    assert table.rules == (6,)


def test_whole_numbers_stay_whole_in_a_column_of_fractions():
    foot = pd.DataFrame({"SAR": [574, -311.25]}, index=["N", "Log-likelihood"])
    assert foot["SAR"].dtype == float
    frame = regression_table({"": {"SAR": SAR}}, footer=foot, digits=1).frame
    assert frame["SAR"].tolist()[-2:] == ["574", "−311.2"]


def test_a_foot_without_the_model_is_blank():
    foot = pd.DataFrame({"SAR": [574]}, index=["N"])
    frame = regression_table({"": {"SAR": SAR, "SDM": SDM}}, footer=foot).frame
    assert frame.loc["N"].tolist() == ["574", ""]


def test_terms_are_printed_under_their_labels():
    frame = regression_table({"": {"SAR": SAR}}, labels={"rho": "ρ"}).frame
    assert frame.index.tolist() == ["wage", "", "ρ", ""]


def test_the_frame_fits_the_latex_writer():
    table = regression_table({"": {"SAR": SAR, "SDM": SDM}}, labels={"W_wage": "W × wage"})
    text = table_latex(table.frame, title="Models", label="models", notes=table.notes, rules=table.rules)
    assert r"W $\times$ wage &  & 0.100\rlap{$^{*}$} \\" in text
    assert r"* p $<$ 0.10" in text


def test_levels_run_from_the_smallest():
    levels = [level for level, _ in STARS]
    assert levels == sorted(levels)


def test_cells_of_numbers_keep_their_value():
    footer = pd.DataFrame({"SDM": ["YES", 560.0, -1.23456, float("inf")]}, index=list("abcd"), dtype=object)
    cells = regression_table({"": {"SDM": SDM}}, footer=footer).frame["SDM"].tolist()
    assert [cell.value for cell in cells[:2]] == [-0.25, 0.2]
    assert isinstance(cells[0], Figure)
    assert not isinstance(cells[6], Figure)
    assert (cells[7], cells[7].value) == ("560", 560.0)
    assert (cells[8], cells[8].value) == ("−1.235", -1.23456)
    assert (cells[9], isinstance(cells[9], Figure)) == ("∞", False)


def test_an_order_that_is_asked_for_comes_first():
    table = regression_table({"": {"SAR": SAR, "SDM": SDM}}, order=["nothing", "W_wage", "rho"])
    assert table.frame.index.tolist()[::2] == ["W_wage", "rho", "wage"]
