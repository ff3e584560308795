"""The main job: from the shipped data to tables, figures and the report, the same bytes for the same seed."""

import contextlib
import errno
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from yrdspatial.errors import OutputError
from yrdspatial.replication.chapters.claims import claims_chapter
from yrdspatial.replication.chapters.clusters import cluster_chapter
from yrdspatial.replication.chapters.distance import distance_chapter, neighbours_chapter
from yrdspatial.replication.chapters.explore import explore_chapter
from yrdspatial.replication.chapters.industry import industry_chapter
from yrdspatial.replication.chapters.provenance import provenance_chapter
from yrdspatial.replication.chapters.summary import summary_chapter
from yrdspatial.replication.chapters.transfer import transfer_chapter
from yrdspatial.replication.claims import check_claims
from yrdspatial.replication.clustering import Clustering, measure_clustering
from yrdspatial.replication.exhibits import Chapter, Exhibit, section_of, write_chapter
from yrdspatial.replication.specialization import Specialization, measure_specialization
from yrdspatial.replication.spillovers import Spillovers, estimate_spillovers
from yrdspatial.replication.study import Study, open_study
from yrdspatial.report.html import render_report
from yrdspatial.tables.files import write_table

SEED = 20231124
PERMUTATIONS = 9999


@dataclass(frozen=True)
class Replication:
    """What the main job computed and where it stands.

    Attributes
    ----------
    out : Path
        The folder of the results.
    files : tuple of Path
        Every file written, the report last.
    tables : mapping of str to pandas.DataFrame
        Every table of the report by its name.
    claims : pandas.DataFrame
        Every claim of the study with its verdict, as `yrdspatial.replication.claims.check_claims` returns it.
    """

    out: Path
    files: tuple[Path, ...]
    tables: Mapping[str, pd.DataFrame]
    claims: pd.DataFrame


def replicate(
    out: str | Path = "results",
    *,
    data_dir: str | Path | None = None,
    seed: int = SEED,
    progress: bool = True,
) -> Replication:
    """Run the main job and write ``report.html``, ``claims.csv``, ``tables/`` and ``figures/``.

    Parameters
    ----------
    out : str or Path
        Folder of the results; it is made when missing. Files of an earlier run are replaced, others are left.
    data_dir : str or Path, optional
        The user's own data folder, laid over the shipped years.
    seed : int
        Seed of permutations and draws; the same seed gives the same bytes.
    progress : bool
        Show a progress bar when standard error is a terminal.

    Returns
    -------
    Replication
        Files and tables.

    Notes
    -----
    An `OutputError` says that the folder cannot be written to. After any error the disk is as it was before.
    """
    folder = Path(out)
    with steps(9, show=progress) as step, staging(folder) as stage:
        step("data and weights")
        study = open_study(data_dir)
        step("specialization")
        measures = measure_specialization(study.panel)
        step("clustering")
        clustering = measure_clustering(
            measures_to_test(measures), study.weights, permutations=PERMUTATIONS, seed=seed
        )
        step("spillovers")
        spillovers = estimate_spillovers(study.panel, study.times, study.weights, seed=seed)
        step("claims")
        claims = check_claims(study, seed=seed, data_dir=data_dir)
        step("figures and tables")
        chapters = [
            *story(study, measures, clustering, spillovers, seed),
            claims_chapter(claims),
            provenance_chapter(study, seed, PERMUTATIONS, data_dir),
        ]
        step("files")
        staged = [path for chapter in chapters for path in write_chapter(chapter, stage)]
        staged += write_table(claims, stage / "claims", title="Claims", kinds=("csv",))
        step("report")
        staged.append(
            render_report(
                [section_of(chapter) for chapter in chapters],
                stage / "report.html",
                title="The Yangtze River Delta: neighbours, industries, spillovers",
                subtitle=f"41 cities, {study.panel.years[0]}-{study.panel.years[-1]}; made by yrd replicate",
            )
        )
        step("done")
        files = tuple(moved(path, stage, folder) for path in staged)
    return Replication(folder, files, tables_of(chapters), claims)


def story(
    study: Study, measures: Specialization, clustering: Clustering, spillovers: Spillovers, seed: int
) -> list[Chapter]:
    """Tell the results in the order of the questions.

    Parameters
    ----------
    study : Study
        The inputs.
    measures : Specialization
        Stage 2.
    clustering : Clustering
        Stage 3.
    spillovers : Spillovers
        Stage 4.
    seed : int
        Seed, for the notes.

    Returns
    -------
    list of Chapter
        The chapters before the last.
    """
    tested = measures_to_test(measures)
    return [
        summary_chapter(study, measures, clustering, spillovers),
        explore_chapter(study, tested, clustering, spillovers),
        distance_chapter(study),
        neighbours_chapter(study),
        industry_chapter(study, measures),
        cluster_chapter(study, tested, clustering, PERMUTATIONS),
        transfer_chapter(study, spillovers, seed),
    ]


def measures_to_test(measures: Specialization) -> dict[str, pd.Series]:
    """List the measures whose clustering is tested.

    Parameters
    ----------
    measures : Specialization
        Stage 2.

    Returns
    -------
    dict of str to pandas.Series
        Each indexed (unit, year).
    """
    columns = {**measures.groups, **measures.value_added, "krugman": measures.krugman}
    return {str(name): values for name, values in columns.items()}


def tables_of(chapters: list[Chapter]) -> dict[str, pd.DataFrame]:
    """Collect the tables of all chapters.

    Parameters
    ----------
    chapters : list of Chapter
        The chapters.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name.
    """
    parts = [part for chapter in chapters for part in chapter.parts]
    return {part.key: part.frame for part in parts if isinstance(part, Exhibit)}


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Give a folder inside the results that goes away whatever happens, so that nothing is left half-written.

    Parameters
    ----------
    folder : Path
        The folder of the results; it is made when missing, and taken away again when it stays empty.

    Yields
    ------
    Path
        An empty folder on the same file system.

    Raises
    ------
    OutputError
        If the folder cannot be made or written to.
    """
    with contextlib.ExitStack() as undo:
        try:
            for path in [path for path in (folder, *folder.parents) if not path.exists()][::-1]:
                path.mkdir(exist_ok=True)
                undo.callback(remove_empty, path)
            try_places(folder)
            stage = Path(tempfile.mkdtemp(prefix=".yrd-", dir=folder))
        except OSError as problem:
            message = f"the results cannot be written ({problem.strerror})"
            raise OutputError(
                message, where=str(folder), cure="choose another folder with --out"
            ) from problem
        undo.callback(shutil.rmtree, stage, ignore_errors=True)
        yield stage


def remove_empty(folder: Path) -> None:
    """Take a folder away unless it holds something.

    Parameters
    ----------
    folder : Path
        The folder.
    """
    with contextlib.suppress(OSError):
        folder.rmdir()


def try_places(folder: Path) -> None:
    """Try whether files can be written where the results will stand.

    Parameters
    ----------
    folder : Path
        The folder of the results.

    Raises
    ------
    IsADirectoryError
        If a folder stands where the report belongs.
    """
    for place in (folder, folder / "figures", folder / "tables"):
        if place.exists():
            with tempfile.TemporaryFile(dir=place):
                pass
    if (folder / "report.html").is_dir():
        raise IsADirectoryError(errno.EISDIR, "report.html is a folder")


def moved(path: Path, stage: Path, folder: Path) -> Path:
    """Move a finished file to its place.

    Parameters
    ----------
    path : Path
        A file in the staging folder.
    stage, folder : Path
        The staging folder and that of the results.

    Returns
    -------
    Path
        Its place.
    """
    place = folder / path.relative_to(stage)
    place.parent.mkdir(parents=True, exist_ok=True)
    return path.replace(place)


@contextmanager
def steps(total: int, *, show: bool) -> Iterator[Callable[[str], None]]:
    """Show the steps of a long job on a terminal, and stay quiet in a pipe.

    Parameters
    ----------
    total : int
        Number of steps.
    show : bool
        Whether to show anything.

    Yields
    ------
    callable
        Call it with the name of the step that begins.
    """
    if not (show and sys.stderr.isatty()):
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description:<22}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=total)

        def step(name: str) -> None:
            bar.update(task, description=name, advance=1)

        yield step
