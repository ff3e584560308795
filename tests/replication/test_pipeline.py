"""The main job from end to end: its files, the same bytes twice, and a disk that is as before after an error."""

import hashlib
import os
import re
import shutil
import struct
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from yrdspatial.errors import DataError, EstimationError, OutputError
from yrdspatial.replication import pipeline
from yrdspatial.replication.chapters.provenance import provenance_chapter
from yrdspatial.replication.exhibits import Chapter, Exhibit
from yrdspatial.replication.pipeline import (
    PERMUTATIONS,
    SEED,
    Replication,
    measures_to_test,
    replicate,
    staging,
    steps,
    tables_of,
)

INCH = 0.0254
SECTIONS = [
    "summary",
    "explore",
    "how-far",
    "neighbours",
    "specialization",
    "clustering",
    "spillovers",
    "claims",
    "provenance",
]
FIGURES = {
    "rail-network",
    "lq-manufacturing",
    "clusters-manufacturing",
    "moran-over-time",
    "moran-scatter",
    "effects-employment-plot",
    "effects-value-added-plot",
    "weights",
}
TABLES = {
    "moran",
    "lisa",
    "lq-sectors",
    "krugman",
    "coefficients",
    "effects",
    "holes",
    "sources",
    "travel-times",
    "weights-summary",
}


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    """Run the main job once, into a folder that does not exist yet."""
    return replicate(tmp_path_factory.mktemp("main-job") / "deep" / "results", progress=False)


@pytest.fixture(scope="session")
def second(tmp_path_factory):
    """Run it once more in a new process with another hash seed, into a folder with a foreign and an old file."""
    out = tmp_path_factory.mktemp("second-run")
    (out / "tables").mkdir()
    (out / "tables" / "my-notes.txt").write_text("mine", "utf-8")
    (out / "report.html").write_text("an old report", "utf-8")
    command = [sys.executable, "-m", "yrdspatial", "replicate", "--out", str(out)]
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return out, done


def digests(folder):
    """Return the sha256 of every file by its name in the folder."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def table(run, name):
    """Read a csv file of the run."""
    return pd.read_csv(run.out / "tables" / f"{name}.csv")


def test_every_file_named_is_there_and_no_other(run):
    assert {path.relative_to(run.out).as_posix() for path in run.files} == set(digests(run.out))
    assert len(set(run.files)) == len(run.files)
    assert run.files[-1] == run.out / "report.html"
    assert sorted(path.name for path in run.out.iterdir()) == [
        "claims.csv",
        "figures",
        "report.html",
        "tables",
    ]
    assert all(path.stat().st_size for path in run.files)


def test_every_figure_is_a_png_of_300_dpi_and_a_pdf(run):
    figures = [path for path in run.files if path.parent.name == "figures"]
    assert {path.suffix for path in figures} == {".png", ".pdf"}
    stems = {path.stem for path in figures}
    assert len(figures) == 2 * len(stems)
    assert stems >= FIGURES
    for stem in stems:
        png = (run.out / "figures" / f"{stem}.png").read_bytes()
        place = png.index(b"pHYs")
        assert round(struct.unpack(">I", png[place + 4 : place + 8])[0] * INCH) == 300
        assert (run.out / "figures" / f"{stem}.pdf").read_bytes().startswith(b"%PDF-")


def test_files_carry_no_date(run):
    for path in run.files:
        if path.suffix == ".pdf":
            assert b"CreationDate" not in path.read_bytes()
        if path.suffix == ".png":
            assert b"tIME" not in path.read_bytes()[:200]


def test_every_table_is_csv_and_those_printed_are_latex_too(run):
    names = {
        suffix: {path.stem for path in run.files if path.suffix == suffix} for suffix in (".csv", ".tex")
    }
    assert names[".csv"] == {"claims", *run.tables}
    assert set(run.tables) >= TABLES
    assert names[".tex"] < names[".csv"]
    for name in names[".tex"]:
        text = (run.out / "tables" / f"{name}.tex").read_text("utf-8")
        assert text.count(r"\begin{tabular}") == text.count(r"\end{tabular}") >= 1
        assert rf"\label{{tab:{name}}}" in text


def test_claims_are_written_whole(run):
    written = pd.read_csv(run.out / "claims.csv")
    assert len(written) == len(run.claims) == 125
    assert list(written) == list(run.claims)
    assert list(written["id"]) == list(run.claims["id"])
    assert list(written["verdict"]) == list(run.claims["verdict"])


@pytest.mark.parametrize("name", ["moran", "krugman", "lq-value-added", "coefficients", "effects"])
def test_csv_files_hold_the_tables_to_ten_digits(run, name):
    written, kept = table(run, name), run.tables[name]
    assert list(written) == list(kept.columns)
    numbers = kept.select_dtypes("number").columns
    np.testing.assert_allclose(written[numbers], kept[numbers], rtol=1e-9, atol=1e-300)


def test_the_report_has_every_chapter_in_order(run):
    text = (run.out / "report.html").read_text("utf-8")
    headings = re.findall(r'<h2 id="([a-z][a-z-]*)">(\d+) ', text)
    assert headings == [(key, str(number)) for number, key in enumerate(SECTIONS, start=1)]


def test_the_report_needs_nothing_from_outside(run):
    text = (run.out / "report.html").read_text("utf-8")
    # the namespace of SVG is a name that the script gives to createElementNS, not an address
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == []
    sources = re.findall(r'(?:src|href)="([^"]{1,40})', text)
    assert sources
    assert all(source.startswith(("data:", "#")) for source in sources)
    assert "<script src" not in text
    assert not re.findall(r"url\((?!['\"]?(?:data:|#))", text)


def test_every_link_of_the_report_arrives(run):
    text = (run.out / "report.html").read_text("utf-8")
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(re.findall(r'id="([^"]+)"', text))


def test_the_report_shows_every_figure_and_every_printed_table(run):
    text = (run.out / "report.html").read_text("utf-8")
    shown = set(re.findall(r'id="([^"]+)"', text))
    assert {path.stem for path in run.files if path.suffix in {".png", ".tex"}} <= shown


def test_the_report_says_how_it_was_made(run):
    text = (run.out / "report.html").read_text("utf-8")
    assert f"yrd replicate --seed {SEED}" in text
    assert "41 cities, 2003-2022" in text


def test_the_report_names_no_place_of_this_machine(run):
    for path in run.files:
        if path.suffix in {".html", ".csv", ".tex"}:
            assert str(run.out.parents[1]) not in path.read_text("utf-8")


def test_the_tables_are_those_of_the_stages(run, measures, spillovers):
    quotients = table(run, "lq-value-added").set_index(["unit", "year"])
    np.testing.assert_allclose(
        quotients.sort_index(), measures.value_added.sort_index()[quotients.columns], rtol=1e-9
    )
    main = spillovers.main[0]
    found = table(run, "coefficients")
    labels = [main.strand, main.model, main.weights, main.effects]
    rows = found[(found[["strand", "model", "weights", "fixed_effects"]] == labels).all(axis=1)]
    np.testing.assert_allclose(rows["estimate"], main.results.params, rtol=1e-8)


def test_another_seed_changes_only_what_is_random(run, clustering, spillovers, options):
    """The stages of these tests have another seed, and fewer permutations."""
    assert options.seed != SEED
    written = table(run, "moran").set_index(["weights", "variable", "year"]).sort_index()
    other = clustering.table.set_index(["weights", "variable", "year"]).sort_index()
    fixed = other.columns.drop("p_sim")
    np.testing.assert_allclose(written[fixed], other[fixed], rtol=1e-8, atol=1e-300)
    assert (written["p_sim"] != other["p_sim"]).any()
    effects = table(run, "effects")
    main = [one.impacts for one in spillovers.main]
    drawn = effects.iloc[: sum(map(len, main))]
    np.testing.assert_allclose(drawn["estimate"], pd.concat(main)["estimate"], rtol=1e-8)
    errors = pd.concat(main)["std_error"].to_numpy()
    assert (np.abs(drawn["std_error"] / errors - 1) > 1e-6).all()


def test_permutation_pvalues_have_their_steps(run):
    values = table(run, "moran")["p_sim"]
    assert values.min() == pytest.approx(2 / (PERMUTATIONS + 1))


def test_the_second_run_succeeds_quietly(second):
    out, done = second
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.strip().endswith(f"open {out / 'report.html'}")


def test_the_same_seed_gives_the_same_bytes_of_every_file(run, second):
    again = digests(second[0])
    assert again.pop("tables/my-notes.txt")
    assert again == digests(run.out)


def test_foreign_files_are_left_alone_and_old_ones_replaced(second):
    out, _ = second
    assert (out / "tables" / "my-notes.txt").read_text("utf-8") == "mine"
    assert (out / "report.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert not list(out.glob(".yrd-*"))


@pytest.fixture
def quick(monkeypatch, study, clustering, spillovers, claims):
    """Let the main job take the stages that were run already, and tell one chapter without figures."""
    monkeypatch.setattr(pipeline, "open_study", lambda _: study)
    monkeypatch.setattr(pipeline, "measure_clustering", lambda *_, **__: clustering)
    monkeypatch.setattr(pipeline, "estimate_spillovers", lambda *_, **__: spillovers)
    monkeypatch.setattr(pipeline, "check_claims", lambda *_, **__: claims)
    chapter = provenance_chapter(study, 1, 99, None)
    monkeypatch.setattr(pipeline, "story", lambda *_: [chapter])
    monkeypatch.setattr(pipeline, "provenance_chapter", lambda *_: Chapter("end", "End", []))
    return monkeypatch


def fail(*_, **__):
    """Stand for a stage that fails."""
    raise EstimationError("no solution on these invented data")


@pytest.mark.usefixtures("quick")
def test_the_quick_job_writes_its_files(tmp_path):
    result = replicate(tmp_path / "out", progress=False)
    assert isinstance(result, Replication)
    assert result.files[-1] == tmp_path / "out" / "report.html"
    assert {path.suffix for path in result.files} == {".csv", ".tex", ".html"}
    assert sorted(tmp_path.joinpath("out").iterdir()) == [
        tmp_path / "out" / "claims.csv",
        tmp_path / "out" / "report.html",
        tmp_path / "out" / "tables",
    ]


@pytest.mark.parametrize(
    "stage",
    [
        "open_study",
        "measure_specialization",
        "measure_clustering",
        "estimate_spillovers",
        "check_claims",
        "story",
        "write_chapter",
        "section_of",
        "render_report",
    ],
)
def test_a_stage_that_fails_leaves_nothing(quick, tmp_path, stage):
    quick.setattr(pipeline, stage, fail)
    with pytest.raises(EstimationError, match="no solution"):
        replicate(tmp_path / "deep" / "out", progress=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stage", ["estimate_spillovers", "render_report"])
def test_a_stage_that_fails_leaves_older_results_as_they_were(quick, tmp_path, stage):
    replicate(tmp_path, progress=False)
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    before = digests(tmp_path)
    quick.setattr(pipeline, stage, fail)
    with pytest.raises(EstimationError):
        replicate(tmp_path, progress=False)
    assert digests(tmp_path) == before
    assert not list(tmp_path.glob(".yrd-*"))


def test_an_interrupt_leaves_nothing(quick, tmp_path):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    quick.setattr(pipeline, "render_report", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replicate(tmp_path / "out", progress=False)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_empty_folder_stays_after_a_failure(quick, tmp_path):
    quick.setattr(pipeline, "render_report", fail)
    with pytest.raises(EstimationError):
        replicate(tmp_path, progress=False)
    assert tmp_path.is_dir()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("taken", ["out", "out/tables", "out/figures"])
def test_a_file_where_a_folder_belongs_is_an_output_error(tmp_path, taken):
    place = tmp_path / taken
    place.parent.mkdir(exist_ok=True)
    place.write_text("in the way", "utf-8")
    before = digests(tmp_path)
    with pytest.raises(OutputError, match=r"cannot be written .*out\]: choose another folder with --out"):
        replicate(tmp_path / "out", progress=False)
    assert digests(tmp_path) == before


def test_a_folder_below_a_file_is_an_output_error(tmp_path):
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(OutputError, match="Not a directory"):
        replicate(tmp_path / "file" / "deep" / "out", progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_where_the_report_belongs_is_an_output_error(tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OutputError, match=r"report\.html is a folder"):
        replicate(tmp_path, progress=False)
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_a_folder_without_permission_is_an_output_error(tmp_path, monkeypatch):
    """Root may write anywhere, so that the system's refusal is played."""

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(pipeline.tempfile, "mkdtemp", refuse)
    with pytest.raises(OutputError, match="Permission denied"):
        replicate(tmp_path / "a" / "b", progress=False)
    assert list(tmp_path.iterdir()) == []


def test_a_data_folder_that_is_not_there_leaves_nothing(tmp_path):
    with pytest.raises(DataError, match="no such data folder"):
        replicate(tmp_path / "out", data_dir=tmp_path / "nowhere", progress=False)
    assert list(tmp_path.iterdir()) == []


def test_a_changed_data_file_leaves_nothing(tmp_path, synthetic_2023):
    own = shutil.copytree(synthetic_2023, tmp_path / "own")
    with (own / "panels" / "yrd" / "2023.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    with pytest.raises(DataError, match=r"changed.*2023\.csv"):
        replicate(tmp_path / "out", data_dir=own, progress=False)
    assert list(tmp_path.iterdir()) == [own]


def test_staging_gives_an_empty_folder_inside_and_takes_it_away(tmp_path):
    with staging(tmp_path / "out") as stage:
        assert stage.parent == tmp_path / "out"
        assert list(stage.iterdir()) == []
        (stage / "file").write_text("half", "utf-8")
    assert list(tmp_path.iterdir()) == []


def test_staging_keeps_a_folder_that_holds_results(tmp_path):
    with staging(tmp_path / "out") as stage:
        (stage / "file").write_text("whole", "utf-8")
        shutil.move(stage / "file", tmp_path / "out" / "file")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["file"]


@pytest.mark.parametrize("show", [True, False])
def test_no_progress_outside_a_terminal(capsys, show):
    with steps(2, show=show) as step:
        step("one")
        step("two")
    assert capsys.readouterr() == ("", "")


def test_progress_on_a_terminal_names_the_steps(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with steps(2, show=True) as step:
        step("clustering")
        step("spillovers")
    out, err = capsys.readouterr()
    assert out == ""
    assert "spillovers" in err


def test_measures_to_test_are_named_and_whole(measures):
    found = measures_to_test(measures)
    assert list(found) == [*measures.groups, *measures.value_added, "krugman"]
    pd.testing.assert_series_equal(found["va_tertiary"], measures.value_added["va_tertiary"])


def test_tables_of_collects_exhibits_by_name(study):
    chapter = provenance_chapter(study, 1, 99, None)
    exhibits = [part for part in chapter.parts if isinstance(part, Exhibit)]
    assert list(tables_of([chapter])) == [part.key for part in exhibits]
