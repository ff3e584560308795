"""Models side by side, as text, HTML and LaTeX, in both languages."""

import pytest

import yrdspatial as yrd
from yrdspatial.errors import SpecificationError

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


@pytest.fixture
def models(panel):
    simulated = panel()
    fitted = {
        name: getattr(yrd, name)(simulated.data, "y ~ x1 + x2", weights=simulated.weights).fit()
        for name in ("OLS", "SAR", "SDM", "SAC")
    }
    windows = {"unit": "window", "time": True}
    fitted["windows"] = yrd.SDM(
        simulated.data, "y ~ x1 + x2", weights=simulated.weights, effects=windows
    ).fit()
    fitted["random"] = yrd.SEM(
        simulated.data, "y ~ x1 + x2", weights=simulated.weights, effects="random"
    ).fit()
    return fitted


def test_cells_are_the_numbers_of_the_models(models):
    frame = yrd.compare(models).to_frame()
    assert frame.columns.tolist() == list(models)
    for name in ("OLS", "SAR", "SDM"):
        cell = frame.loc["x1", name].iloc[0]
        assert cell.rstrip("*") == f"{models[name].params['x1']:.3f}"
    below = frame.iloc[frame.index.get_loc("ρ") + 1]
    assert below["SAR"] == f"({models['SAR'].std_errors['rho']:.3f})"
    assert frame.loc["ρ", "OLS"] == ""
    assert frame.loc["W×x1", "SDM"].startswith(f"{models['SDM'].params['W_x1']:.3f}")


def test_effects_follow_the_coefficients(models):
    frame = yrd.compare(models).to_frame()
    start = frame.index.get_loc("Indirect effects")
    table = models["SDM"].impacts().table
    estimate = table[(table["variable"] == "x1") & (table["effect"] == "indirect")]["estimate"].iloc[0]
    assert frame["SDM"].iloc[start + 1].rstrip("*") == f"{estimate:.3f}"
    assert "Indirect effects" not in yrd.compare(models, effects=False).to_frame().index


def test_foot(models):
    frame = yrd.compare(models).to_frame()
    assert frame.loc["Observations"].tolist() == ["84"] * 6
    assert frame.loc["Unit effects"].tolist() == ["YES", "YES", "YES", "YES", "YES (by window)", "random"]
    assert frame.loc["Bias corrected"].tolist() == ["YES"] * 5 + ["NO"]
    assert frame.loc["Log-likelihood", "SAC"] == "none exists"
    assert frame.loc["Log-likelihood", "SAR"].replace("−", "-") == f"{models['SAR'].loglik:.3f}"


def test_stars_follow_the_p_values(models):
    frame = yrd.compare(models, effects=False).to_frame()
    pvalue = models["SAR"].pvalues["x1"]
    marks = "***" if pvalue < 0.01 else "**" if pvalue < 0.05 else "*" if pvalue < 0.1 else ""
    cell = frame.loc["x1", "SAR"]
    assert cell[len(cell.rstrip("*")) :] == marks
    plain = yrd.compare(models, effects=False, stars=False)
    assert not plain.to_frame()["SAR"].str.contains(r"\*").any()
    assert plain.table.notes[0] == "Standard errors in brackets."
    assert not any("p <" in note for note in plain.table.notes)


def test_every_form_has_every_model(models):
    table = yrd.compare(models, digits=2)
    for text in (
        str(table),
        table.to_html(),
        table.to_latex(title="Robustness", label="robust"),
        table._repr_html_(),
    ):
        assert all(name in text for name in models)
    assert "p &lt; 0.10" in table.to_html()
    assert r"\toprule" in table.to_latex()
    assert "Robustness" in table.to_latex(title="Robustness")


def test_chinese(models):
    frame = yrd.compare(models, lang="zh").to_frame()
    assert frame.loc["时间效应", "SAR"] == "是"
    assert "间接效应" in frame.index
    assert yrd.compare(models, lang="zh").table.notes[0] == "括号内为标准误。"


def test_border_models_name_their_parts(panel):
    simulated = panel()
    results = yrd.SDM(simulated.data, "y ~ x1", weights={"within": simulated.weights}).fit()
    table = yrd.compare({"border": results})
    assert {"ρ within", "W within×x1"} <= set(table.to_frame().index)
    assert any(note.startswith("W of y (within), W of X (within): 6 distinct") for note in table.table.notes)


def test_lags_over_time_and_unit_means_have_their_names(panel):
    simulated = panel()
    dynamic = yrd.SAR(simulated.data, "y ~ x1", weights=simulated.weights, dynamic=("y", "Wy")).fit()
    means = yrd.SDEM(simulated.data, "y ~ x1", weights=simulated.weights, effects="mundlak").fit()
    index = yrd.compare({"a": dynamic, "b": means}).to_frame().index
    assert {"y(t−1)", "W×y(t−1)", "mean x1", "mean W×x1", "φ"} <= set(index)


def test_terms_stand_before_lags_before_spatial_parameters_before_the_constant(panel):
    simulated = panel()
    pooled = {"weights": simulated.weights, "effects": "pooled"}
    names = {
        name: getattr(yrd, name)(simulated.data, "y ~ x1 + x2", **pooled).fit() for name in ("SAR", "SDM")
    }
    frame = yrd.compare(names, effects=False).to_frame()
    assert frame.index[:14:2].tolist() == ["x1", "x2", "W×x1", "W×x2", "ρ", "Intercept", "Model"]


def test_levels_of_the_stars_are_stated(models):
    pvalue = models["SAR"].pvalues
    for stars, levels in (("en", (0.001, 0.01, 0.05)), ("zh", (0.01, 0.05, 0.1))):
        table = yrd.compare(models, effects=False, stars=stars)
        cell = table.to_frame().loc["ρ", "SAR"]
        assert cell.count("*") == sum(pvalue["rho"] < level for level in levels)
        assert table.table.notes[1] == "* p < {2:.2f}, ** p < {1:.2f}, *** p < {0:g}.".format(*levels)


def test_controls_are_named_once(models):
    table = yrd.compare(models, controls=["x2"])
    frame = table.to_frame()
    assert not any("x2" in term for term in frame.index)
    assert frame.loc["Controls"].tolist() == ["YES"] * 6
    assert "Controls: x2." in table.table.notes
    assert "Controls" not in yrd.compare(models).to_frame().index
    with pytest.raises(SpecificationError, match=r"no term of the models \[x3\]: the models have x1, x2"):
        yrd.compare(models, controls="x3")


def test_effects_by_simulation_say_their_seed(models):
    some = {"SDM": models["SDM"]}
    table = yrd.compare(some, seed=7)
    expected = models["SDM"].impacts(method="simulation", seed=7).table.set_index(["variable", "effect"])
    frame = table.to_frame()["SDM"]
    place = frame.index.get_loc("Indirect effects") + 2
    assert frame.iloc[place] == f"({expected.loc[('x1', 'indirect'), 'std_error']:.3f})"
    assert any("1000 draws (seed 7)" in note for note in table.table.notes)
    assert str(table) == str(yrd.compare(some, seed=7))


def test_word_and_excel_files(models, tmp_path):
    from docx import Document
    from openpyxl import load_workbook

    table = yrd.compare(models, lang="zh")
    document = Document(table.to_docx(tmp_path / "deep" / "a.docx", title="表 2"))
    assert document.paragraphs[0].text == "表 2"
    (grid,) = document.tables
    assert [cell.text for cell in grid.rows[0].cells] == ["", *models]
    assert len(grid.rows) == 1 + len(table.to_frame())
    assert document.paragraphs[-1].text.startswith("注：括号内为标准误。")
    sheet = load_workbook(table.to_excel(tmp_path / "a.xlsx")).worksheets[0]
    assert sheet["A1"].value == "空间面板模型估计结果"
    column = 2 + list(models).index("SAR")
    assert sheet.cell(3, column).value == models["SAR"].params["x1"]
    assert sheet.cell(4, column).value == models["SAR"].std_errors["x1"]
    assert sheet.cell(4, column).number_format.startswith('"("0.000")"')
    again = yrd.compare(models, lang="zh").to_docx(tmp_path / "b.docx", title="表 2")
    assert again.read_bytes() == (tmp_path / "deep" / "a.docx").read_bytes()


def test_senseless_requests_are_refused(models):
    with pytest.raises(SpecificationError, match="no model"):
        yrd.compare({})
    with pytest.raises(SpecificationError, match="language"):
        yrd.compare(models, lang="fr")
