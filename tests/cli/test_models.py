"""``yrd fit``, ``impacts`` and ``compare``: the numbers of the functions, the kinds of files, the errors."""

import zipfile

import pandas as pd
import pytest
from typer.testing import CliRunner

import yrdspatial as yrd
from yrdspatial.cli import main as cli
from yrdspatial.cli.model_options import Rows
from yrdspatial.cli.models import listed, named_files, read_rows
from yrdspatial.errors import SpecificationError, YrdSpatialError

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")
FORMULA = "log(va_secondary) ~ log(gdp) + log(fiscal_expenditure)"
SPAN = ["--years", "2014-2017"]


def run(*arguments):
    """Run a command inside this process and return what it printed."""
    result = CliRunner().invoke(cli.app, [str(one) for one in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(*arguments):
    """Run a command that is wrong and return its one line."""
    result = CliRunner().invoke(cli.app, [str(one) for one in arguments])
    assert isinstance(result.exception, YrdSpatialError), result.output
    assert result.stdout == ""
    assert "\n" not in str(result.exception)
    return str(result.exception)


@pytest.fixture(scope="module")
def panel():
    return yrd.load_panel().select(years=range(2014, 2018))


@pytest.fixture(scope="module")
def weights():
    return yrd.contiguity_weights()


def fitted(panel, model, weights, how=None, formula=FORMULA, **options):
    return getattr(yrd, model)(panel, formula, weights=weights, **options).fit(**(how or {}))


@pytest.mark.parametrize("model", ["ols", "slx", "sar", "sem", "sdm", "sdem", "sac"])
def test_every_model(panel, weights, model):
    expected = fitted(panel, model.upper(), None if model == "ols" else weights)
    assert run("fit", model, FORMULA, *SPAN) == f"{expected.summary}\n"


CHOICES = {
    "pooled": (["--effects", "pooled"], {"effects": "pooled"}, {}),
    "random": (["--effects", "random"], {"effects": "random"}, {}),
    "random kkp": (["--effects", "random_kkp"], {"effects": "random_kkp"}, {}),
    "mundlak": (["--effects", "mundlak"], {"effects": "mundlak"}, {}),
    "bias": (["--bias", "none"], {}, {"bias": "none"}),
    "cluster": (["--cov-type", "cluster"], {}, {"cov_type": "cluster"}),
    "lags": (["--cov-type", "driscoll-kraay", "--lags", "2"], {}, {"cov_type": "driscoll-kraay", "lags": 2}),
}


@pytest.mark.parametrize(("options", "model", "how"), CHOICES.values(), ids=CHOICES)
def test_choices(panel, weights, options, model, how):
    expected = fitted(panel, "SEM", weights, how, **model)
    assert run("fit", "sem", FORMULA, *SPAN, *options) == f"{expected.summary}\n"


def test_terms_and_lags(panel, weights):
    expected = fitted(panel, "SDM", weights, durbin=["log(gdp)"], dynamic=["y", "Wy"])
    said = run("fit", "sdm", FORMULA, *SPAN, "--durbin", "log(gdp)", "--dynamic", "y", "--dynamic", "Wy")
    assert said == f"{expected.summary}\n"


@pytest.mark.parametrize(
    ("strand", "years"), [("employment", range(2010, 2016)), ("tertiary value added", range(2016, 2023))]
)
def test_windows(weights, strand, years):
    panel = yrd.load_panel().select(years=years)
    windowed = panel.assign(window=panel.windows(strand=strand))
    expected = fitted(
        windowed,
        "SAR",
        weights,
        formula="log(gdp) ~ log(va_tertiary)",
        effects={"unit": "window", "time": True},
    )
    span = f"{years[0]}-{years[-1]}"
    options = ["--effects", "window", "--strand", strand, "--years", span]
    assert run("fit", "sar", "log(gdp) ~ log(va_tertiary)", *options) == f"{expected.summary}\n"


def test_rail_and_weights_of_other_roles(panel, weights):
    rail = yrd.rail_weights(yrd.travel_times(panel.years), decay="exponential", tau=40.0)
    expected = fitted(panel, "GNS", rail, error_weights=weights, durbin_weights=weights, effects="unit")
    options = ["--weights", "rail", "--decay", "exponential", "--tau", "40", "--effects", "unit"]
    others = ["--error-weights", "contiguity", "--durbin-weights", "contiguity"]
    said = run("fit", "gns", FORMULA, *SPAN, *options, *others)
    assert said.splitlines()[:5] == str(expected.summary).splitlines()[:5]
    assert f"{expected.params['rho']:.4f}" in said


def test_border(panel, weights):
    expected = fitted(panel, "SAR", yrd.split_weights(weights, "province"))
    assert run("fit", "sar", FORMULA, *SPAN, "--border") == f"{expected.summary}\n"


@pytest.mark.parametrize("kind", ["km", "minutes"])
def test_conley(panel, weights, kind):
    from yrdspatial.geography.units import seat_distances

    distance = seat_distances() if kind == "km" else yrd.travel_times([2017]).frame(2017)
    how = {"cov_type": "conley", "distance": distance, "cutoff": 150.0}
    expected = fitted(panel, "SLX", weights, how)
    options = ["--cov-type", "conley", "--conley-cutoff", "150", "--conley-distance", kind]
    assert run("fit", "slx", FORMULA, *SPAN, *options) == f"{expected.summary}\n"


def test_cities(panel):
    rows = read_rows(Rows(years="2012-2013", units=["Hefei, 上海", "320100"]))
    assert rows.units.tolist() == [310000, 320100, 340100]
    rows = read_rows(Rows(years="2012-2013", without=["Zhoushan"]))
    assert set(panel.units) - set(rows.units) == {330900}


def test_names_may_be_codes():
    assert listed(["a,b ,320100", "，c"]) == ["a", "b", 320100, "c"]


@pytest.fixture
def own(tmp_path, panel):
    """Write a synthetic table of the user, with weights and a byte order mark."""
    frame = panel.frame.loc[[310000, 320100, 320500, 330100]].reset_index()
    frame["unit"] = frame["unit"].map({310000: "A", 320100: "B", 320500: "C", 330100: "D"})
    frame.to_csv(tmp_path / "own.csv", index=False, encoding="utf-8-sig")
    links = [[0, 0.5, 0.5, 0], [0.4, 0, 0.3, 0.3], [0.2, 0.5, 0, 0.3], [0, 0.6, 0.4, 0]]
    table = pd.DataFrame(links, list("ABCD"), list("ABCD"))
    table.to_csv(tmp_path / "w.csv")
    return frame, table, tmp_path


def test_a_table_of_the_user(own):
    frame, table, folder = own
    data = yrd.Panel.from_frame(frame)
    expected = fitted(data, "SAR", table, formula="log(gdp) ~ log(va_tertiary)", effects="unit")
    options = ["--data", folder / "own.csv", "--weights", folder / "w.csv", "--effects", "unit"]
    assert run("fit", "sar", "log(gdp) ~ log(va_tertiary)", *options) == f"{expected.summary}\n"
    assert "none of the 41 cities" in refused("fit", "sar", "log(gdp) ~ log(va_tertiary)", *options[:2])


@pytest.mark.parametrize("kind", ["docx", "tex", "xlsx", "html"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tables_of_every_kind(tmp_path, kind, lang):
    out = tmp_path / "deep" / f"fit.{kind}"
    assert run("fit", "sdm", FORMULA, *SPAN, "--out", out, "--lang", lang, "--digits", "2") == ""
    if kind == "xlsx":
        said = " ".join(
            str(cell) for row in pd.read_excel(out, header=None, engine="openpyxl").to_numpy() for cell in row
        )
    elif kind == "docx":
        with zipfile.ZipFile(out) as archive:
            said = archive.read("word/document.xml").decode()
    else:
        said = out.read_text("utf-8")
    assert ("间接效应" if lang == "zh" else "Indirect effects") in said
    assert ("标准误" if lang == "zh" else "Standard errors") in said


def test_coefficients_as_csv(tmp_path, panel, weights):
    run("fit", "sar", FORMULA, *SPAN, "--out", tmp_path / "fit.csv")
    expected = fitted(panel, "SAR", weights).to_frame().reset_index()
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "fit.csv"), expected, rtol=1e-12)


def test_no_stars(tmp_path):
    run("fit", "sar", FORMULA, *SPAN, "--out", tmp_path / "a.tex", "--stars", "none")
    run("fit", "sar", FORMULA, *SPAN, "--out", tmp_path / "b.tex", "--stars", "en")
    assert "*" not in (tmp_path / "a.tex").read_text("utf-8")
    assert "p $<$ 0.001" in (tmp_path / "b.tex").read_text("utf-8")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    for model in ("sar", "sdm"):
        run("fit", model, FORMULA, *SPAN, "--save", folder / f"{model}.zip")
    return folder


def test_effects_of_a_saved_model_are_those_of_the_fitted_one(saved, tmp_path, panel, weights):
    assert run("impacts", saved / "sdm.zip") == run("impacts", "sdm", FORMULA, *SPAN)
    drawn = ["--method", "simulation", "--draws", "200", "--seed", "3"]
    run("impacts", saved / "sdm.zip", *drawn, "--by", "year", "--out", tmp_path / "a.csv")
    expected = fitted(panel, "SDM", weights).impacts(method="simulation", draws=200, seed=3, by="year").table
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "a.csv"), expected, rtol=1e-12)


def test_effects_by_unit_have_names(saved, tmp_path, panel, weights):
    run("impacts", saved / "sar.zip", "--by", "unit", "--out", tmp_path / "a.csv")
    found = pd.read_csv(tmp_path / "a.csv")
    expected = yrd.effects_by_unit(fitted(panel, "SAR", weights))
    assert found.columns.tolist()[:3] == ["variable", "unit", "city"]
    pd.testing.assert_frame_equal(found.drop(columns="city"), expected, rtol=1e-12)


def test_long_run_effects(panel, weights):
    said = run("impacts", "sar", FORMULA, *SPAN, "--dynamic", "y", "--horizon", "long")
    table = fitted(panel, "SAR", weights, dynamic="y").impacts(horizon="long").table
    assert f"{table['estimate'].iloc[0]:.4f}" in said
    assert "e-" not in said


def test_effects_in_word(saved, tmp_path):
    run("impacts", saved / "sdm.zip", "--out", tmp_path / "a.docx")
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        said = archive.read("word/document.xml").decode()
    assert "Effects, SDM: log(va_secondary)" in said


def test_saved_models_side_by_side(saved, tmp_path):
    models = {"Lag": yrd.load_results(saved / "sar.zip"), "sdm": yrd.load_results(saved / "sdm.zip")}
    files = [f"Lag={saved / 'sar.zip'}", saved / "sdm.zip"]
    assert run("compare", *files) == f"{yrd.compare(models)}\n"
    controls = ["log(fiscal_expenditure)"]
    few = yrd.compare(models, effects=False, controls=controls, lang="zh", stars="en")
    options = ["--no-effects", "--controls", *controls, "--lang", "zh", "--stars", "en"]
    assert run("compare", *files, *options) == f"{few}\n"
    assert run("compare", *files, "--seed", "4") == f"{yrd.compare(models, seed=4)}\n"
    run("compare", *files, "--out", tmp_path / "t.docx")
    assert (tmp_path / "t.docx").read_bytes() == yrd.compare(models).to_docx(tmp_path / "u.docx").read_bytes()


def test_names_of_files():
    assert {name: str(file) for name, file in named_files(["W1=a/x.zip", "b/y.zip"]).items()} == {
        "W1": "a/x.zip",
        "y": "b/y.zip",
    }
    with pytest.raises(SpecificationError, match=r"one name \[x\]: write NAME=FILE"):
        named_files(["a/x.zip", "b/x.zip"])


WRONG = {
    "weights": (["fit", "sar", FORMULA, "--weights", "friendship"], "no weights are called friendship"),
    "weights of none": (["fit", "ols", FORMULA, "--weights", "rail"], "ols has no weights"),
    "option of others": (["fit", "sar", FORMULA, "--tau", "30"], "[--tau]: it belongs to rail"),
    "term": (["fit", "sdm", FORMULA, *SPAN, "--durbin", "log(gpd)"], "choose among log(gdp)"),
    "lag": (["fit", "sar", FORMULA, *SPAN, "--dynamic", "x"], "dynamic names no lag"),
    "durbin": (["fit", "sar", FORMULA, *SPAN, "--durbin", "log(gdp)"], "SAR has no spatial lag of X"),
    "error weights": (["fit", "sar", FORMULA, *SPAN, "--error-weights", "rail"], "SAR has no spatial error"),
    "cities": (["fit", "sar", FORMULA, "--units", "Suzhou"], "fits more than one unit"),
    "cities twice": (
        ["fit", "sar", FORMULA, "--units", "Hefei", "--without", "Wuhu"],
        "asked for and left out",
    ),
    "strand": (["fit", "sar", FORMULA, "--effects", "window", "--strand", "x"], "known strands: employment"),
    "lags": (["fit", "sar", FORMULA, *SPAN, "--lags", "2"], "expected has no options"),
    "distance": (["fit", "slx", FORMULA, *SPAN, "--conley-cutoff", "9"], "expected has no distance"),
    "no cut-off": (["fit", "slx", FORMULA, *SPAN, "--cov-type", "conley"], "conley needs a cut-off"),
    "ending": (["fit", "sar", FORMULA, *SPAN, "--out", "{place}/fit.pdf"], "end the name in .csv, .tex"),
    "no formula": (["impacts", "sar"], "sar needs a formula"),
    "no model": (["impacts", "probit", FORMULA], "use ols, slx, sar"),
    "no file": (["impacts", "{place}/none.zip"], "there is no such file"),
    "formula of a file": (["impacts", "{place}/none.zip", FORMULA], "taken as it was fitted"),
    "weights of a file": (["impacts", "{place}/none.zip", "--weights", "rail"], "taken as it was fitted"),
    "no seed": (["impacts", "sar", FORMULA, *SPAN, "--method", "simulation"], "needs a seed"),
    "no spillovers": (["impacts", "sem", FORMULA, *SPAN, "--by", "unit"], "SEM has no spillovers"),
    "long run": (["impacts", "sar", FORMULA, *SPAN, "--horizon", "long"], "not dynamic"),
    "no table": (["fit", "sar", FORMULA, "--data", "{place}/bad.csv"], "cannot be read"),
}


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_wrong_requests_say_what_is_known(tmp_path, arguments, words):
    (tmp_path / "bad.csv").write_bytes(b"\xff\xfe\x00")
    assert words in refused(*[part.replace("{place}", str(tmp_path)) for part in arguments])
    assert [path.name for path in tmp_path.iterdir()] == ["bad.csv"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["fit", "sar", FORMULA, "--effects", "both"],
        ["fit", "sar", FORMULA, "--cov-type", "white"],
        ["fit", "sar", FORMULA, "--bias", "some"],
        ["fit", "sar", FORMULA, "--lags", "-1"],
        ["fit", "sar", FORMULA, "--data", "nowhere.csv"],
        ["compare"],
    ],
    ids=" ".join,
)
def test_usage_errors_are_exit_code_2(arguments):
    assert CliRunner().invoke(cli.app, arguments).exit_code == 2


def test_a_cross_section_of_spreg_is_no_panel_model(tmp_path, weights):
    data = yrd.load_panel().select(years=[2015]).frame.droplevel("year")
    results = yrd.cross_section(data, "log(gdp) ~ log(va_tertiary)", weights=weights)
    assert "holds no panel model" in refused("impacts", results.save(tmp_path / "one.zip"))


@pytest.mark.parametrize("verb", ["fit", "impacts", "compare"])
@pytest.mark.parametrize("width", ["60", "80", "120"])
def test_the_help_is_readable_at_every_width(verb, width):
    said = CliRunner().invoke(cli.app, [verb, "--help"], env={"COLUMNS": width}).output
    assert all(len(line) <= int(width) for line in said.splitlines())
    assert "adjusted|none" not in said
    assert ("Options on weights" in said) == (verb != "compare")
