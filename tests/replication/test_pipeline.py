"""The main job from end to end: its files, the same bytes twice, and a disk that is as before after an error."""

import hashlib
import io
import os
import re
import shutil
import struct
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from docx import Document
from openpyxl import load_workbook

from yrdspatial.datasets import dataset_path
from yrdspatial.errors import DataError, EstimationError, OutputError, SpecificationError
from yrdspatial.replication import pipeline, stages, staging
from yrdspatial.replication.chapters.provenance import provenance_chapter
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit
from yrdspatial.replication.pipeline import (
    PERMUTATIONS,
    SEED,
    Replication,
    parts_asked,
    replicate,
    tables_of,
)
from yrdspatial.report.style import panel_grid

INCH = 0.0254
SECTIONS = [
    "summary",
    "explore",
    "how-far",
    "neighbours",
    "specialization",
    "clustering",
    "spillovers",
    "where-it-went",
    "borders",
    "network-change",
    "distance-decay",
    "core-periphery",
    "sensitivity",
    "to-the-last-year",
    "robustness",
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
def kept(tmp_path_factory):
    """Name the cache of the run below."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="session")
def run(tmp_path_factory, kept):
    """Run the main job once, into a folder that does not exist yet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YRD_CACHE", str(kept))
        return replicate(tmp_path_factory.mktemp("main-job") / "deep" / "results", progress=False)


@pytest.fixture(scope="session")
def second(tmp_path_factory):
    """Run it once more in a new process with an empty cache and another hash seed, beside a foreign and an old file."""
    out = tmp_path_factory.mktemp("second-run")
    (out / "tables").mkdir()
    (out / "tables" / "my-notes.txt").write_text("mine", "utf-8")
    (out / "report.html").write_text("an old report", "utf-8")
    command = [sys.executable, "-m", "yrdspatial", "replicate", "--out", str(out)]
    own = {"PYTHONHASHSEED": "4711", "YRD_CACHE": str(tmp_path_factory.mktemp("own"))}
    environment = {**os.environ, **own}
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
        "tables.docx",
        "tables.xlsx",
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


def test_every_table_is_csv_and_those_printed_are_in_every_kind(run):
    names = {
        kind: {path.stem for path in (run.out / "tables").glob(f"*.{kind}")}
        for kind in ("csv", "tex", "html", "docx", "xlsx")
    }
    assert names["csv"] == set(run.tables)
    assert set(run.tables) >= TABLES
    assert names["tex"] < names["csv"]
    assert names["tex"] == names["html"] == names["docx"] == names["xlsx"]
    for name in names["tex"]:
        text = (run.out / "tables" / f"{name}.tex").read_text("utf-8")
        assert rf"\label{{tab:{name}}}" in text


def test_one_word_and_one_excel_file_hold_every_printed_table_in_the_order_of_the_report(run):
    page = (run.out / "report.html").read_text("utf-8")
    shown = re.findall(r'<figure[^>]* id="([^"]+)"', page)
    names = [key for key in shown if (run.out / "tables" / f"{key}.tex").exists()]
    titles = [text for text in paragraphs(run.out / "tables.docx") if re.match(r"Table \d+\. ", text)]
    assert len(titles) == len(names) == len(load_workbook(run.out / "tables.xlsx").worksheets)
    assert [title.split(".")[0] for title in titles] == [f"Table {n}" for n in range(1, len(names) + 1)]
    for name, title in zip(names, titles, strict=True):
        assert title.partition(". ")[2] == paragraphs(run.out / "tables" / f"{name}.docx")[0]


def paragraphs(path):
    """Read the paragraphs of a Word file."""
    return [one.text for one in Document(io.BytesIO(path.read_bytes())).paragraphs]


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
    """Let the main job take the stages that were run already, and tell one chapter with one figure."""
    monkeypatch.setattr(pipeline, "open_study", lambda _: study)
    monkeypatch.setattr(stages, "measure_clustering", lambda *_, **__: clustering)
    monkeypatch.setattr(stages, "estimate_spillovers", lambda *_, **__: spillovers)
    monkeypatch.setattr(stages, "check_claims", lambda *_, **__: claims)
    parts = [*provenance_chapter(study, 1, 99, None).parts, Drawing("line", draw_line, "A line.", "A line")]
    monkeypatch.setattr(pipeline, "story", lambda _: [Chapter("spillovers", "Models", parts)])
    monkeypatch.setattr(pipeline, "provenance_chapter", lambda *_: Chapter("end", "End", []))
    return monkeypatch


def draw_line():
    """Draw something quickly."""
    figure, (axes,) = panel_grid(1, columns=1, width=2.0, aspect=0.5)
    axes.plot([0, 1], [1, 0])
    return figure


def fail(*_, **__):
    """Stand for a stage that fails."""
    raise EstimationError("no solution on these invented data")


@pytest.mark.usefixtures("quick")
def test_the_quick_job_writes_its_files(tmp_path):
    result = replicate(tmp_path / "out", progress=False)
    assert isinstance(result, Replication)
    assert result.files[-1] == tmp_path / "out" / "report.html"
    assert sorted(path.name for path in tmp_path.joinpath("out").iterdir()) == [
        "claims.csv",
        "figures",
        "report.html",
        "tables",
        "tables.docx",
        "tables.xlsx",
    ]


FAILING = [
    (pipeline, "open_study"),
    (stages, "check_claims"),
    (pipeline, "story"),
    (pipeline, "figure_files"),
    (pipeline, "table_files"),
    (pipeline, "section_of"),
    (pipeline, "tables_docx"),
    (pipeline, "report_html"),
    (pipeline, "write_file"),
]


@pytest.mark.parametrize(("module", "stage"), FAILING, ids=[name for _, name in FAILING])
def test_a_stage_that_fails_leaves_nothing(quick, tmp_path, module, stage):
    quick.setattr(module, stage, fail)
    with pytest.raises(EstimationError, match="no solution"):
        replicate(tmp_path / "deep" / "out", progress=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("module", "stage"), [(stages, "check_claims"), (pipeline, "report_html")], ids=["claims", "report"]
)
def test_a_stage_that_fails_leaves_older_results_as_they_were(quick, tmp_path, module, stage):
    replicate(tmp_path, progress=False)
    (tmp_path / "mine.txt").write_text("mine", "utf-8")
    before = digests(tmp_path)
    quick.setattr(module, stage, fail)
    with pytest.raises(EstimationError):
        replicate(tmp_path, fresh=True, progress=False)
    assert digests(tmp_path) == before
    assert not list(tmp_path.glob(".yrd-*"))


def test_an_interrupt_leaves_nothing(quick, tmp_path):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    quick.setattr(pipeline, "report_html", interrupt)
    with pytest.raises(KeyboardInterrupt):
        replicate(tmp_path / "out", progress=False)
    assert list(tmp_path.iterdir()) == []


def test_an_existing_empty_folder_stays_after_a_failure(quick, tmp_path):
    quick.setattr(pipeline, "report_html", fail)
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

    monkeypatch.setattr(staging.tempfile, "mkdtemp", refuse)
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


def test_tables_of_collects_tables_by_name(study):
    chapter = provenance_chapter(study, 1, 99, None)
    exhibits = [part for part in chapter.parts if isinstance(part, Exhibit)]
    assert list(tables_of(exhibits)) == [part.key for part in exhibits]


def counted(patch, module, name):
    """Count the calls of a function of a module."""
    calls, real = [], getattr(module, name)

    def counting(*arguments, **options):
        calls.append(name)
        return real(*arguments, **options)

    patch.setattr(module, name, counting)
    return calls


COMPUTED = [
    (stages, "measure_specialization"),
    (stages, "measure_clustering"),
    (stages, "estimate_spillovers"),
    (stages, "measure_beyond"),
    (stages, "check_claims"),
    (pipeline, "figure_files"),
    (pipeline, "table_files"),
    (pipeline, "tables_docx"),
]


def test_what_did_not_change_is_not_computed_again_and_gives_the_same_bytes(run, kept, monkeypatch, tmp_path):
    monkeypatch.setenv("YRD_CACHE", str(kept))
    calls = [counted(monkeypatch, module, name) for module, name in COMPUTED]
    again = replicate(tmp_path, progress=False)
    assert calls == [[]] * len(COMPUTED)
    assert digests(tmp_path) == digests(run.out)
    pd.testing.assert_frame_equal(again.claims, run.claims)
    assert list(again.tables) == list(run.tables)
    for name, frame in again.tables.items():
        pd.testing.assert_frame_equal(frame, run.tables[name])


def test_another_language_computes_no_model_and_says_everything_anew(run, kept, monkeypatch, tmp_path):
    monkeypatch.setenv("YRD_CACHE", str(kept))
    calls = [counted(monkeypatch, module, name) for module, name in COMPUTED[:4]]  # verdicts are said anew
    chinese = replicate(tmp_path, lang="zh", progress=False)
    assert calls == [[]] * 4
    english, said = (digests(folder) for folder in (run.out, chinese.out))
    assert set(english) == set(said)
    same = {name for name in english if english[name] == said[name]}
    assert same >= {f"tables/{name}.csv" for name in ("moran", "lisa", "lq-value-added", "coefficients")}
    assert not {"report.html", "tables.docx", "tables.xlsx"} & same
    assert '<html lang="zh-Hans"' in (chinese.out / "report.html").read_text("utf-8")
    assert "表 1" in "".join(paragraphs(chinese.out / "tables.docx"))


@pytest.mark.usefixtures("quick")
def test_the_claims_alone(tmp_path, claims):
    result = replicate(tmp_path, only="claims", progress=False)
    names = {path.relative_to(tmp_path).as_posix() for path in result.files}
    assert names >= {"claims.csv", "tables/claims-and-verdicts.docx", "tables/defects.tex"}
    assert set(digests(tmp_path)) == names
    assert {name.partition("/")[0] for name in names} == {"claims.csv", "tables"}
    assert set(result.tables) == {"claims-by-verdict", "defects", "claims-and-verdicts"}
    pd.testing.assert_frame_equal(result.claims, claims)


def test_the_figures_alone_ask_for_no_claims(quick, tmp_path):
    quick.setattr(stages, "check_claims", fail)
    result = replicate(tmp_path, only=["figures"], progress=False)
    assert set(digests(tmp_path)) == {"figures/line.png", "figures/line.pdf"}
    assert result.claims.empty
    assert result.tables == {}


def test_the_models_alone_draw_nothing(quick, tmp_path):
    quick.setattr(pipeline, "figure_files", fail)
    result = replicate(tmp_path, only="models", progress=False)
    assert {path.parent.name for path in result.files} == {"tables"}
    assert "sources" in result.tables


@pytest.mark.usefixtures("quick")
def test_parts_leave_an_older_report_and_agree_with_the_whole(tmp_path):
    replicate(tmp_path / "whole", progress=False)
    before = digests(tmp_path / "whole")
    (tmp_path / "whole" / "claims.csv").unlink()
    replicate(tmp_path / "whole", only=["claims", "figures"], fresh=True, progress=False)
    assert digests(tmp_path / "whole") == before


@pytest.mark.parametrize(
    ("only", "words"), [("maps", "no part maps"), (["claims", "x"], "no part x"), ([], "named")]
)
def test_an_unknown_part_is_refused_before_anything_is_made(tmp_path, only, words):
    with pytest.raises(SpecificationError, match=words):
        replicate(tmp_path / "out", only=only, progress=False)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_language_is_refused_before_anything_is_made(tmp_path):
    with pytest.raises(OutputError, match="'fr'"):
        replicate(tmp_path / "out", lang="fr", progress=False)
    assert list(tmp_path.iterdir()) == []


def test_without_a_choice_all_parts_are_asked_for():
    assert parts_asked(None) == {"claims", "figures", "models", "report"}


def test_the_options_reach_the_stages(quick, tmp_path):
    seen = []
    quick.setattr(stages, "measure_clustering", lambda *_, **options: seen.append(options))
    quick.setattr(pipeline, "story", lambda made: [made.clustering, []][1])
    replicate(tmp_path, seed=5, permutations=199, only="figures", progress=False)
    assert seen == [{"permutations": 199, "seed": 5}]


def test_a_changed_table_of_the_user_is_computed_anew_and_only_there(quick, tmp_path, add_tables):
    """A table of manufacturing by industry, which only the claims look at."""
    claims = counted(quick, stages, "check_claims")
    drawn = counted(quick, pipeline, "figure_files")
    text = dataset_path("claims/template_manufacturing.csv").read_text("utf-8")
    for content in (text, text, text + "310000,C36,1.0,100m CNY,output,synthetic,,synthetic\n"):
        own = add_tables({"panels/manufacturing/2020.csv": content})
        replicate(tmp_path / "out", data_dir=own, progress=False)
    assert len(claims) == 2
    assert len(drawn) == 1
