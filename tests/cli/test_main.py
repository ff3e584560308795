"""The command: every verb gives the numbers of its public function; errors are one line and an exit code."""

import hashlib
import io
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

import yrdspatial as yrd
from yrdspatial.cli import main as cli
from yrdspatial.cli import options
from yrdspatial.datasets import FIELDS, cite, dataset_path, format_sources, list_datasets
from yrdspatial.errors import SpecificationError, WeakIdentificationWarning

FORMULA = "log(va_secondary) ~ log(gdp)"
PERMUTATIONS = ["--permutations", "99", "--seed", "3"]
HEAVY = {
    "numpy",
    "pandas",
    "scipy",
    "matplotlib",
    "geopandas",
    "libpysal",
    "esda",
    "spreg",
    "sklearn",
    "numba",
}


def run(*arguments):
    """Run a command inside this process and return what it printed."""
    result = CliRunner().invoke(cli.app, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def written(tmp_path, *arguments):
    """Run a command with --out and return the table it wrote; it prints nothing then."""
    out = tmp_path / "deep" / "table.csv"
    assert run(*arguments, "--out", str(out)) == ""
    return pd.read_csv(out)


def process(*arguments):
    """Run `python -m yrdspatial` as a user does."""
    command = [sys.executable, "-m", "yrdspatial", *arguments]
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def same(found, expected):
    """Compare tables to ten digits: csv keeps them all, but a sum may run in another order."""
    pd.testing.assert_frame_equal(
        found, expected.reset_index(drop=True), check_dtype=False, rtol=1e-10, atol=1e-14
    )


@pytest.fixture(scope="module")
def panel():
    return yrd.load_panel()


@pytest.fixture
def own_data(tmp_path):
    """Return a user's data folder with a synthetic 2023: the figures of 2022 once more."""
    content = dataset_path("panels/yrd/2022.csv").read_bytes()
    place = tmp_path / "own" / "panels" / "yrd" / "2023.csv"
    place.parent.mkdir(parents=True)
    place.write_bytes(content)
    entry = dict.fromkeys(FIELDS, "synthetic") | {"sha256": hashlib.sha256(content).hexdigest()}
    (tmp_path / "own" / "sources.toml").write_text(format_sources({"panels/yrd/2023.csv": entry}), "utf-8")
    return tmp_path / "own"


@pytest.mark.parametrize("name", ["泰州", "Taizhou (Jiangsu)", "321200", "泰州市"])
def test_unit_shows_which_one_is_meant(name):
    said = run("unit", name)
    assert "泰州市" in said
    assert "Taizhou (Jiangsu)" in said


def test_data_list_names_every_file():
    said = run("data", "list")
    assert all(name in said for name in list_datasets().index)


def test_data_cite_prints_the_citation():
    assert run("data", "cite", "panels/breaks.csv") == cite("panels/breaks.csv") + "\n"


def test_data_verify_lists_the_users_file(own_data):
    lines = run("data", "verify", "--data-dir", str(own_data)).splitlines()
    (line,) = [line for line in lines if line.startswith("panels/yrd/2023.csv")]
    assert line.split()[1] == "user"
    assert line.split()[-1] == "ok"


@pytest.mark.parametrize(
    ("on", "day"), [("2016-03-10", "2016-03-10"), ("2012", "2012-07-01"), ("20160310", "2016-03-10")]
)
@pytest.mark.parametrize("option", ["--fallback", "--no-fallback"])
def test_rail_time_is_that_of_the_network(on, day, option):
    table = yrd.load_rail().travel_time(day, fallback=option == "--fallback")
    units = list(yrd.load_units().index)
    minutes = table.to_numpy()[units.index(310000), units.index(340100)]
    assert run("rail", "time", "上海", "Hefei", "--on", on, option) == f"{minutes:.0f} minutes\n"


def test_rail_time_to_nowhere_says_so():
    said = run("rail", "time", "上海", "舟山", "--no-fallback")
    assert said == "not reachable by high-speed rail on that day\n"


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ([], {}),
        (["--year", "2012"], {"year": 2012}),
        (["--islands", "keep", "--standardize", "none"], {"islands": "keep", "standardize": "none"}),
    ],
    ids=["default", "year", "islands"],
)
def test_weights_contiguity(tmp_path, options, arguments):
    found = written(tmp_path, "weights", "contiguity", *options)
    same(found, yrd.contiguity_weights(**arguments).adjacency.reset_index())


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ([], {}),
        (["--k", "3"], {"k": 3}),
        (["--decay", "exponential", "--cutoff", "120"], {"decay": "exponential", "cutoff": 120.0}),
    ],
    ids=["default", "k", "exponential"],
)
def test_weights_rail(tmp_path, options, arguments):
    found = written(tmp_path, "weights", "rail", "--year", "2016", *options)
    graph = yrd.rail_weights(yrd.travel_times([2016]), **arguments)[2016]
    same(found, graph.adjacency.reset_index())


def with_names(table):
    """Put the names of the cities beside their codes."""
    names = yrd.load_units()["name_zh"]
    table = table.reset_index()
    table.insert(1, "city", table["unit"].map(names))
    return table


@pytest.mark.parametrize(
    ("options", "basis", "years"),
    [
        (["--basis", "three_sectors", "--years", "2020-2022"], "three_sectors", [2020, 2021, 2022]),
        (["--years", "2019"], "sectors_19", [2019]),
        (["--basis", "three_sectors"], "three_sectors", None),
    ],
    ids=["span", "year", "all"],
)
def test_industry_lq(tmp_path, panel, options, basis, years):
    found = written(tmp_path, "industry", "lq", *options)
    table = panel.select(columns=yrd.sector_sets()[basis], years=years).frame
    same(found, with_names(yrd.location_quotient(table, reference="region")))


def test_industry_lq_against_the_nation(tmp_path, panel):
    found = written(tmp_path, "industry", "lq", "--reference", "nation", "--years", "2010")
    table = panel.select(columns=yrd.sector_sets()["sectors_19"], years=[2010]).frame
    same(found, with_names(yrd.location_quotient(table, reference="nation")))


@pytest.mark.parametrize("versus", ["rest", "total"])
@pytest.mark.parametrize("halved", [True, False])
def test_industry_krugman(tmp_path, panel, versus, halved):
    option = "--halved" if halved else "--no-halved"
    found = written(tmp_path, "industry", "krugman", "--versus", versus, option, "--years", "2005")
    table = panel.select(columns=yrd.sector_sets()["sectors_19"], years=[2005]).frame
    same(found, with_names(yrd.krugman_index(table, versus=versus, halved=halved).rename("krugman")))


@pytest.mark.parametrize("family", ["contiguity", "rail"])
def test_moran(tmp_path, panel, family):
    found = written(tmp_path, "moran", "gdp", "--weights", family, "--years", "2019-2020", *PERMUTATIONS)
    values = panel.select(columns=["gdp"], years=[2019, 2020]).frame["gdp"]
    weights = {
        "contiguity": yrd.contiguity_weights,
        "rail": lambda: yrd.rail_weights(yrd.travel_times([2019, 2020])),
    }
    same(found, yrd.moran(values, weights[family](), permutations=99, seed=3))


@pytest.mark.parametrize(
    ("sector", "basis"), [("va_tertiary", "three_sectors"), ("emp_finance", "sectors_19")]
)
def test_moran_of_a_location_quotient(tmp_path, panel, sector, basis):
    found = written(tmp_path, "moran", sector, "--lq", "--years", "2018", *PERMUTATIONS)
    table = panel.select(columns=yrd.sector_sets()[basis], years=[2018]).frame
    values = yrd.location_quotient(table, reference="region")[sector]
    same(found, yrd.moran(values, yrd.contiguity_weights(), permutations=99, seed=3))


def test_moran_takes_every_year_that_has_the_column(panel):
    said = run("moran", "emp_C_manufacturing", "--weights", "rail", *PERMUTATIONS)
    years = panel.frame["emp_C_manufacturing"].dropna().index.unique("year")
    assert [int(year) for year in re.findall(r"emp_C_manufacturing +(\d{4})", said)] == list(years)


def test_lisa(tmp_path, panel):
    found = written(tmp_path, "lisa", "va_tertiary", "--lq", "--years", "2022", *PERMUTATIONS)
    table = panel.select(columns=yrd.sector_sets()["three_sectors"], years=[2022]).frame
    values = yrd.location_quotient(table, reference="region")["va_tertiary"]
    expected = yrd.local_moran(values, yrd.contiguity_weights(), permutations=99, seed=3).table
    found["flag"] = found["flag"].astype(object).fillna("")
    same(found, with_names(expected.set_index("unit")))


@pytest.mark.parametrize("model", ["sar", "sdm"])
@pytest.mark.parametrize("effects", ["unit", "twoways"])
def test_fit_shows_the_summary(panel, model, effects):
    said = run("fit", model, FORMULA, "--effects", effects, "--years", "2015-2020")
    estimator = {"sar": yrd.SAR, "sdm": yrd.SDM}[model]
    chosen = panel.select(years=range(2015, 2021))
    fit = estimator(chosen, FORMULA, weights=yrd.contiguity_weights(), effects=effects).fit()
    assert said == f"{fit.summary}\n"


def test_impacts(tmp_path, panel):
    found = written(tmp_path, "impacts", "sdm", FORMULA, "--weights", "rail", "--years", "2015-2020")
    weights = yrd.rail_weights(yrd.travel_times(range(2015, 2021)))
    chosen = panel.select(years=range(2015, 2021))
    fit = yrd.SDM(chosen, FORMULA, weights=weights, effects="twoways").fit()
    expected = fit.impacts(method="delta").table
    pd.testing.assert_frame_equal(found, expected, rtol=1e-10, atol=1e-14)


def test_the_users_year_is_used(tmp_path, own_data):
    options = ["--basis", "three_sectors", "--data-dir", str(own_data)]
    new = written(tmp_path, "industry", "lq", *options, "--years", "2023")
    old = written(tmp_path, "industry", "lq", *options, "--years", "2022")
    pd.testing.assert_frame_equal(new.drop(columns="year"), old.drop(columns="year"))
    assert set(new["year"]) == {2023}


DEFAULTS = {"data_dir": None, "lang": "en", "fresh": False, "progress": True}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], {}),
        (["--seed", "5", "--quiet"], {"seed": 5, "progress": False}),
        (["--data-dir", "own"], {"data_dir": Path("own")}),
        (
            ["--permutations", "99", "--lang", "zh", "--fresh"],
            {"permutations": 99, "lang": "zh", "fresh": True},
        ),
    ],
    ids=["default", "seed", "own data", "all else"],
)
def test_replicate_hands_its_options_on(monkeypatch, options, expected):
    calls = []

    def instead(out, **arguments):
        calls.append((out, arguments))
        return SimpleNamespace(files=("a", "b"))

    monkeypatch.setattr(yrd, "replicate", instead)
    assert (
        run("replicate", "--out", "there", *options)
        == f"2 files in there; open {Path('there/report.html')}\n"
    )
    assert calls == [(Path("there"), DEFAULTS | expected)]


@pytest.mark.parametrize(
    "options",
    [["--only", "claims", "--only", "models"], ["--only", "claims,models"], ["--only", "claims, models"]],
    ids=" ".join,
)
def test_parts_are_given_twice_or_with_commas(monkeypatch, options):
    calls = []

    def instead(_, **arguments):
        calls.append(arguments["only"])
        return SimpleNamespace(files=("a", "b", "c"))

    monkeypatch.setattr(yrd, "replicate", instead)
    assert run("replicate", "--out", "there", *options) == "3 files in there\n"
    assert calls == [["claims", "models"]]


def test_tables_show_the_names_of_the_cities():
    said = run("industry", "lq", "--basis", "three_sectors", "--years", "2022")
    assert len(said.splitlines()) == 42
    assert re.search(r"320500 +苏州市 +2022", said)


@pytest.mark.parametrize(
    "verb", [[], ["data"], ["rail"], ["weights"], ["industry"]], ids=lambda verb: "-".join(verb) or "yrd"
)
def test_without_a_verb_the_help_is_shown(verb):
    result = CliRunner().invoke(cli.app, verb)
    assert "Usage" in result.output
    assert result.exit_code in {0, 2}


def test_every_verb_has_a_help():
    names = ["replicate", "unit", "moran", "lisa", "fit", "impacts"]
    assert all(name in run("--help") for name in names)
    for name in names:
        assert "Usage" in run(name, "--help")


@pytest.mark.parametrize(
    ("text", "years"), [("2006-2008", (2006, 2007, 2008)), ("2010", (2010,)), ("2019-", (2019,))]
)
def test_select_years(panel, text, years):
    assert options.select_years(panel, text).years == years


def test_no_span_keeps_every_year(panel):
    assert options.select_years(panel, None) is panel


@pytest.mark.parametrize(
    "text", ["", "abc", "-2019", "2006-20x9", "2006:2019", "²", "2006-2007-2008", "20.5", "2012-2008"]
)
def test_select_years_refuses_what_is_no_span(panel, text):
    with pytest.raises(SpecificationError, match=r"is no span of years: write for instance 2006-2019"):
        options.select_years(panel, text)


def test_warnings_are_one_line(capsys):
    cli.one_line_warning("rho is weakly identified", WeakIdentificationWarning, "file.py", 1)
    cli.one_line_warning("old", DeprecationWarning, "file.py", 1, io.StringIO(), "code")
    assert capsys.readouterr().err == "warning: rho is weakly identified\nDeprecationWarning: old\n"


def test_main_shows_errors_in_one_line(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["yrd", "unit", "Suzhou"])
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith('error: "Suzhou" fits more than one unit')


def bad_requests():
    """List bad requests with what the line must say; {place} is an empty folder."""
    lq = ["industry", "lq", "--basis", "three_sectors"]
    return {
        "Suzhou": (["unit", "Suzhou"], ["苏州", "宿州"]),
        "unknown unit": (["rail", "time", "上海", "Atlantis"], ["Atlantis", "load_units()"]),
        "no date": (["rail", "time", "上海", "合肥", "--on", "2016-13-45"], ["2016-13-45", "is not a date"]),
        "year not in the panel": (["moran", "gdp", "--years", "1990"], ["1990", "the panel has 2003-2022"]),
        "year without this column": (
            ["industry", "lq", "--years", "2021"],
            ["emp_C_manufacturing", "2021", "choose other years"],
        ),
        "unknown column": (["moran", "gpd"], ["gpd", "did you mean gdp"]),
        "no sector": (["lisa", "gdp", "--lq"], ["gdp is no sector", "sector_sets()"]),
        "bad span": ([*lq, "--years", "2006to2019"], ["2006to2019", "2006-2019"]),
        "empty span": ([*lq, "--years", "2019-2006"], ["2019-2006 is no span of years", "2006-2019"]),
        "broken formula": (["fit", "sar", "log(gdp ~ gdp"], ["formula cannot be read"]),
        "too many neighbours": (["weights", "rail", "--year", "2016", "--k", "99"], ["from 1 to 40"]),
        "islands": (["weights", "contiguity", "--islands", "error"], ["330900", 'islands="nearest"']),
        "no data folder": (["moran", "gdp", "--data-dir", "{place}/nowhere"], ["no such data folder"]),
        "no data file": (["data", "cite", "panels/nothing.csv"], ["panels/nothing.csv"]),
        "unwritable file": (
            [*lq, "--years", "2022", "--out", "{place}/file/table.csv"],
            ["cannot be written", "choose a folder"],
        ),
        "no such part": (["replicate", "--only", "maps"], ["no part maps", "claims, figures, models"]),
        "unwritable folder": (
            ["replicate", "--out", "{place}/file/results"],
            ["choose another folder with --out"],
        ),
    }


def check_refused(arguments, words):
    """Run inside this process; the error is ours, one line, with place and cure."""
    result = CliRunner().invoke(cli.app, arguments)
    assert isinstance(result.exception, cli.YrdSpatialError)
    message = str(result.exception)
    assert "\n" not in message
    assert result.stdout == ""
    assert all(word in message for word in words), message


@pytest.mark.parametrize(("arguments", "words"), bad_requests().values(), ids=bad_requests().keys())
def test_bad_requests_are_errors_of_ours(tmp_path, arguments, words):
    (tmp_path / "file").write_text("in the way", "utf-8")
    check_refused([part.replace("{place}", str(tmp_path)) for part in arguments], words)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    assert (tmp_path / "file").read_text("utf-8") == "in the way"


SHOWN = [
    "Suzhou",
    "unknown unit",
    "year not in the panel",
    "year without this column",
    "bad span",
    "unwritable file",
]


@pytest.mark.parametrize("name", [*SHOWN, "unwritable folder"])
def test_an_error_is_one_line_and_exit_code_1(tmp_path, name):
    arguments, words = bad_requests()[name]
    (tmp_path / "file").write_text("in the way", "utf-8")
    done = process(*[part.replace("{place}", str(tmp_path)) for part in arguments])
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert all(word in done.stderr for word in words)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "verb", [["moran", "gdp", "--years", "2020"], ["data", "verify"]], ids=lambda verb: verb[0]
)
def test_a_changed_file_is_one_line_and_exit_code_1(own_data, verb):
    place = own_data / "panels" / "yrd" / "2023.csv"
    place.write_bytes(place.read_bytes() + b"\n")
    done = process(*verb, "--data-dir", str(own_data))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert re.match(r"error: .*2023\.csv", done.stderr)
    assert "changed" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["moran"],
        ["moran", "gdp", "--permutations", "5"],
        ["moran", "gdp", "--seed", "-1"],
        ["moran", "gdp", "--weights", "friendship"],
        ["fit", "probit", FORMULA],
        ["weights", "rail"],
        ["replicate", "--seed", "-1"],
        ["replicate", "--permutations", "0"],
        ["replicate", "--lang", "fr"],
        ["nonsense"],
    ],
    ids=" ".join,
)
def test_usage_errors_are_exit_code_2(arguments):
    result = CliRunner().invoke(cli.app, arguments)
    assert result.exit_code == 2
    assert isinstance(result.exception, SystemExit)


def test_a_usage_error_of_the_program_is_exit_code_2():
    done = process("weights", "rail")
    assert done.returncode == 2
    assert done.stdout == ""
    assert "--year" in done.stderr
    assert "Traceback" not in done.stderr


def test_help_loads_no_heavy_module():
    code = (
        "import sys; sys.argv = ['yrd', '--help']\n"
        "from yrdspatial.cli.main import main\n"
        "try: main()\n"
        f"finally: sys.stderr.write(' '.join(sorted({HEAVY!r} & set(sys.modules))))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "replicate" in done.stdout
    assert done.stderr == ""


def test_the_program_is_called_yrd_too():
    program = Path(sys.executable).with_name("yrd")
    done = subprocess.run([program, "unit", "台州"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Taizhou (Zhejiang)" in done.stdout


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("inside a window, or say across_breaks=True", "inside a window, or say --across-breaks"),
        ('use effects="pooled" for one', "use --effects pooled for one"),
        ('islands="nearest" links it', "--islands nearest links it"),
        ("pass seed=<a whole number>", "pass --seed <a whole number>"),
        ("pass weights=", "pass --weights"),
        ("pass total=, the columns", "pass total=, the columns"),
        ("tau = 3, rho=0.5", "tau = 3, rho=0.5"),
        ("k=5 is usual", "--k 5 is usual"),
    ],
)
def test_arguments_of_python_are_said_as_options(message, said):
    import typer

    assert options.as_options(message, typer.main.get_command(cli.app)) == said


def test_a_known_break_names_the_option():
    done = process("industry", "transfer", "manufacturing", "--base", "2010", "--end", "2019")
    assert done.returncode == 1
    assert "or say --across-breaks" in done.stderr
    assert "across_breaks" not in done.stderr


@pytest.mark.parametrize("width", ["60", "100"])
def test_data_list_fits_the_terminal(width):
    result = CliRunner().invoke(cli.app, ["data", "list"], env={"COLUMNS": width})
    lines = result.stdout.splitlines()
    assert all(len(line) <= int(width) for line in lines if line.startswith(" "))
    assert [line for line in lines if not line.startswith(" ")] == list(list_datasets().index)


@pytest.mark.parametrize("kind", ["docx", "xlsx", "tex", "html"])
def test_every_table_can_be_any_kind_of_file(tmp_path, kind):
    out = tmp_path / f"lq.{kind}"
    assert run("industry", "lq", "--basis", "three_sectors", "--years", "2022", "--out", str(out)) == ""
    assert out.stat().st_size > 1000
    if kind in {"tex", "html"}:
        assert "苏州市" in out.read_text("utf-8")


def test_other_kinds_of_files_are_refused(tmp_path):
    arguments = ["moran", "gdp", "--years", "2020", *PERMUTATIONS, "--out", str(tmp_path / "a.pdf")]
    check_refused(arguments, ["not written as pdf", "end the name in .csv"])


@pytest.mark.parametrize(
    "verb",
    [["industry", "transfer"], ["industry", "coagglomeration"], ["industry", "krugman"], ["fit"]],
    ids=" ".join,
)
def test_the_help_shows_no_long_list_in_the_place_of_a_value(verb):
    said = CliRunner().invoke(cli.app, [*verb, "--help"], env={"COLUMNS": "100"}).output
    values = [word for line in said.splitlines() for word in line.split() if word.startswith("<")]
    assert values
    assert max(map(len, values)) <= 40
