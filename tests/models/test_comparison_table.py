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
    assert len(plain.table.notes) == 2


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
    results = yrd.SAR(simulated.data, "y ~ x1", weights={"within": simulated.weights}).fit()
    assert "ρ within" in yrd.compare({"border": results}).to_frame().index


def test_senseless_requests_are_refused(models):
    with pytest.raises(SpecificationError, match="no model"):
        yrd.compare({})
    with pytest.raises(SpecificationError, match="language"):
        yrd.compare(models, lang="fr")
