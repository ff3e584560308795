"""What the summary says, and when it says Lee-Yu."""

import pytest

from yrdspatial.models.estimators import GNS, SAR, SDM, SLX
from yrdspatial.models.summary import Summary, method_name
from yrdspatial.weights.series import WeightsSeries

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")


def fitted(simulated, effects="twoways", **how):
    return SDM(simulated.data, "y ~ x1 + x2", weights=simulated.weights, effects=effects).fit(**how)


def test_summary_says_what_was_done(panel):
    results = fitted(panel())
    text = str(results.summary)
    for piece in (
        "SDM: y ~ x1 + x2",
        "twoways",
        "84 = 14 units x 6 periods, 65 for sigma2",
        "rho",
        "expected",
    ):
        assert piece in text
    assert f"{results.params['W_x1']:.4f}" in text
    assert f"{results.loglik:.4f}" in text


def test_summary_in_a_notebook_is_html(panel):
    html = fitted(panel()).summary._repr_html_()
    assert html.startswith("<p><strong>SDM of y")
    assert html.count("<table") == 2
    assert "W_x1" in html


def test_values_in_html_are_those_of_the_text(panel):
    summary = fitted(panel()).summary
    html = summary.to_html()
    assert html == summary._repr_html_()
    for value in summary.table.to_numpy().ravel():
        assert f"{value:.4f}".replace("-", "−") in html
    for name, value in summary.facts:
        assert f'<th scope="row">{name}</th><td>{value}</td>' in html


def test_results_show_themselves(panel):
    results = fitted(panel())
    assert repr(results) == "<SDM of y: 84 observations>"
    assert results._repr_html_() == results.summary.to_html()


def test_every_weight_is_told_once(panel):
    simulated, other = panel(), panel("rows", seed=8)

    def told(**weights):
        model = GNS(simulated.data, "y ~ x1 + x2", effects="unit", **weights).fit()
        return [name for name, _ in model.summary.facts if name.startswith("weights")]

    assert told(weights=simulated.weights) == ["weights of y, X, error"]
    assert told(weights=simulated.weights, error_weights=other.weights) == [
        "weights of y, X",
        "weights of error",
    ]
    equal = WeightsSeries(dict(simulated.weights))
    assert told(weights=simulated.weights, durbin_weights=equal) == ["weights of y, X, error"]
    slx = SLX(simulated.data, "y ~ x1", weights=simulated.weights).fit()
    assert "weights of X" in dict(slx.summary.facts)


def test_warnings_stand_in_the_summary(panel):
    results = fitted(panel())
    warned = Summary("t", (("a", "b"),), results.to_frame(), ("warning: rho < 1 & weak",))
    assert str(warned).endswith("warning: rho < 1 & weak")
    assert "rho &lt; 1 &amp; weak" in warned._repr_html_()


@pytest.mark.parametrize(
    ("kind", "effects", "bias", "name"),
    [
        ("constant", "twoways", "adjusted", "adjusted profile likelihood (the Lee-Yu transformation)"),
        ("rows", "twoways", "adjusted", "adjusted profile likelihood"),
        ("symmetric", "twoways", "adjusted", "adjusted profile likelihood"),
        ("constant", {"unit": "window", "time": True}, "adjusted", "adjusted profile likelihood"),
        ("constant", "twoways", "none", "maximum likelihood with dummies, fixed-effects bias left in"),
        ("constant", "pooled", "adjusted", "maximum likelihood"),
    ],
)
def test_lee_yu_is_said_only_where_it_is(panel, kind, effects, bias, name):
    simulated = panel(kind)
    results = SAR(simulated.data, "y ~ x1 + x2", weights=simulated.weights, effects=effects).fit(bias=bias)
    assert method_name(results.design.problem) == name
