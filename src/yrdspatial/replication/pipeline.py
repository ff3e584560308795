"""The main job: from the shipped data to tables, figures and the report, the same bytes for the same seed."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import pandas as pd

from yrdspatial.errors import SpecificationError
from yrdspatial.replication.cache import Cache, cache_folder, fingerprint
from yrdspatial.replication.chapters.beyond import beyond_chapters, beyond_points
from yrdspatial.replication.chapters.claims import claims_chapter
from yrdspatial.replication.chapters.clusters import cluster_chapter
from yrdspatial.replication.chapters.distance import distance_chapter, neighbours_chapter
from yrdspatial.replication.chapters.explore import explore_chapter
from yrdspatial.replication.chapters.industry import industry_chapter
from yrdspatial.replication.chapters.provenance import provenance_chapter
from yrdspatial.replication.chapters.robustness import robustness_chapter
from yrdspatial.replication.chapters.summary import summary_chapter
from yrdspatial.replication.chapters.transfer import transfer_chapter
from yrdspatial.replication.exhibits import (
    SCREEN,
    Chapter,
    Drawing,
    Exhibit,
    figure_files,
    printed_tables,
    section_of,
    table_files,
)
from yrdspatial.replication.stages import Stages
from yrdspatial.replication.staging import moved, staging, steps
from yrdspatial.replication.study import open_study
from yrdspatial.report.html import report_html
from yrdspatial.tables.excel import tables_xlsx
from yrdspatial.tables.files import write_file
from yrdspatial.tables.phrases import Language
from yrdspatial.tables.render import table_csv
from yrdspatial.tables.speech import LANGUAGE, say, speaking
from yrdspatial.tables.word import tables_docx

SEED = 20231124
PERMUTATIONS = 9999
Part: TypeAlias = Literal["claims", "figures", "models"]
PARTS: tuple[Part, ...] = get_args(Part)
MODELS = (
    "spillovers",
    "borders",
    "network-change",
    "distance-decay",
    "core-periphery",
    "sensitivity",
    "robustness",
)
"""Chapters whose tables are fitted models."""


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
        Every table of the report by its name; with ``only=`` those of the parts asked for.
    claims : pandas.DataFrame
        Every claim of the study with its verdict, as `yrdspatial.replication.claims.check_claims` returns it; without
        a row when `only` leaves the claims out.
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
    permutations: int = PERMUTATIONS,
    only: Part | Sequence[Part] | None = None,
    lang: Language = "en",
    fresh: bool = False,
    progress: bool = True,
) -> Replication:
    """Run the main job and write ``report.html``, ``claims.csv``, ``tables/`` and ``figures/``.

    What an earlier run computed from the same data with the same options and versions is taken from the cache: the
    folder that ``YRD_CACHE`` names, or the one where the system keeps such things.

    Parameters
    ----------
    out : str or Path
        Folder of the results; it is made when missing. Files of an earlier run are replaced, others are left.
    data_dir : str or Path, optional
        The user's own data folder, laid over the shipped years.
    seed : int
        Seed of permutations and draws; the same seed gives the same bytes.
    permutations : int
        Number of permutations of the tests for clusters.
    only : {"claims", "figures", "models"} or several, optional
        Which part to make: ``claims.csv`` and the tables of the claims, the folder ``figures/``, or the tables of the
        models. The report needs all of them and is left as it is.
    lang : {"en", "zh"}
        Language of the report, of the figures and of printed tables. Files have the same names in each, so that a
        folder holds one language; csv files keep the words of the data.
    fresh : bool
        Compute everything anew.
    progress : bool
        Show a progress bar when standard error is a terminal.

    Returns
    -------
    Replication
        Files and tables.

    Notes
    -----
    An `OutputError` says that the folder cannot be written to, or that there is no such language; a
    `SpecificationError` that there is no such part. After any error the results are as they were before.
    """
    parts, folder = parts_asked(only), Path(out)
    cache = Cache(cache_folder(), read=not fresh)
    with speaking(lang), steps(6, show=progress) as step, staging(folder) as stage:
        step("data and weights")
        stages = Stages(open_study(data_dir), seed, permutations, data_dir, cache)
        step("claims")
        claims = stages.claims if "claims" in parts else pd.DataFrame()
        step("clusters and models")
        chapters = [chapter for needed, tell in tellers(stages) if parts & needed for chapter in tell()]
        step("figures and tables")
        shown = [(chapter, part) for chapter in chapters for part in exhibits_of(chapter, parts)]
        made = {part.key: made_once(stages, chapter, part) for chapter, part in shown}
        files = {name: content for one in made.values() for name, content in one.items() if name != SCREEN}
        files |= {"claims.csv": table_csv(claims).encode()} if "claims" in parts else {}
        step("report")
        if "report" in parts:
            files |= bound(stages, chapters)
            files["report.html"] = report_of(stages, chapters, made)
        step("files")
        staged = [write_file(stage / name, content) for name, content in files.items()]
        written = tuple(moved(path, stage, folder) for path in staged)
    cache.tidy()
    return Replication(folder, written, tables_of(part for _, part in shown), claims)


def parts_asked(only: Part | Sequence[Part] | None) -> frozenset[str]:
    """List the parts of the job that were asked for.

    Parameters
    ----------
    only : str or sequence of str, optional
        As in `replicate`.

    Returns
    -------
    frozenset of str
        Of ``PARTS``; all of them and "report" when nothing is left out.

    Raises
    ------
    SpecificationError
        If there is no such part.

    Examples
    --------
    >>> sorted(parts_asked("models")), "report" in parts_asked(None)
    (['models'], True)
    """
    if only is None:
        return frozenset({*PARTS, "report"})
    asked = frozenset([only] if isinstance(only, str) else only)
    if not asked or asked - {*PARTS}:
        what = f"the job has no part {', '.join(sorted(asked - {*PARTS}))}" if asked else "no part was named"
        raise SpecificationError(what, cure=f"choose among {', '.join(PARTS)}")
    return asked


def tellers(stages: Stages) -> list[tuple[set[str], Callable[[], list[Chapter]]]]:
    """List what tells the chapters of the report, in their order.

    Parameters
    ----------
    stages : Stages
        What they tell.

    Returns
    -------
    list of (set of str, callable)
        The parts of the job that need the chapters, and what makes them.
    """
    return [
        ({"figures", "models", "report"}, lambda: story(stages)),
        ({"claims", "report"}, lambda: [claims_chapter(stages.claims)]),
        ({"report"}, lambda: [provenance_of(stages)]),
    ]


def story(stages: Stages) -> list[Chapter]:
    """Tell the results in the order of the questions.

    Parameters
    ----------
    stages : Stages
        The results.

    Returns
    -------
    list of Chapter
        The chapters before the last.
    """
    study, measures, tested = stages.study, stages.measures, stages.tested
    return [
        summary_chapter(study, measures, stages.clustering, stages.spillovers, beyond_points(stages.beyond)),
        explore_chapter(study, tested, stages.clustering, stages.spillovers),
        distance_chapter(study),
        neighbours_chapter(study),
        industry_chapter(study, measures),
        cluster_chapter(study, tested, stages.clustering, stages.permutations),
        transfer_chapter(study, stages.spillovers, stages.seed),
        *beyond_chapters(study, stages.beyond, stages.clustering, stages.seed),
        robustness_chapter(stages.robustness),
    ]


def provenance_of(stages: Stages) -> Chapter:
    """Tell how the report was made.

    Parameters
    ----------
    stages : Stages
        The results.

    Returns
    -------
    Chapter
        The last chapter.
    """
    return provenance_chapter(stages.study, stages.seed, stages.permutations, stages.data_dir)


def exhibits_of(chapter: Chapter, parts: frozenset[str]) -> Iterator[Drawing | Exhibit]:
    """Take the figures and tables of a chapter that belong to the parts asked for.

    Parameters
    ----------
    chapter : Chapter
        A chapter.
    parts : frozenset of str
        As of `parts_asked`.

    Yields
    ------
    Drawing or Exhibit
        From top to bottom.
    """
    tables = "claims" if chapter.key == "claims" else "models" if chapter.key in MODELS else "report"
    for part in chapter.parts:
        if isinstance(part, Drawing | Exhibit):
            belongs = "figures" if isinstance(part, Drawing) else tables
            if parts & {belongs, "report"}:
                yield part


def made_once(stages: Stages, chapter: Chapter, part: Drawing | Exhibit) -> dict[str, bytes]:
    """Make the files of a figure or table, once for all that its chapter depends on.

    Parameters
    ----------
    stages : Stages
        What the chapter tells.
    chapter : Chapter
        The chapter.
    part : Drawing or Exhibit
        A part of it.

    Returns
    -------
    dict of str to bytes
        As of `figure_files` or `table_files`.
    """
    key = fingerprint(stages.edition(chapter.key), type(part).__name__, part.key)
    return stages.cache.get(
        key, lambda: figure_files(part) if isinstance(part, Drawing) else table_files(part)
    )


def bound(stages: Stages, chapters: Sequence[Chapter]) -> dict[str, bytes]:
    """Bind all printed tables into one Word and one Excel file.

    Parameters
    ----------
    stages : Stages
        What the chapters tell.
    chapters : sequence of Chapter
        The report.

    Returns
    -------
    dict of str to bytes
        Content by place below the results.
    """

    def bind() -> dict[str, bytes]:
        tables, lang = printed_tables(chapters), LANGUAGE.get()
        return {
            "tables.docx": tables_docx(tables, lang=lang),
            "tables.xlsx": tables_xlsx(tables, lang=lang),
        }

    return stages.cache.get(fingerprint(stages.edition("tables"), "bound"), bind)


def report_of(stages: Stages, chapters: Sequence[Chapter], made: Mapping[str, Mapping[str, bytes]]) -> bytes:
    """Write the page.

    Parameters
    ----------
    stages : Stages
        What the chapters tell.
    chapters : sequence of Chapter
        The report.
    made : mapping of str to mapping of str to bytes
        The files of each figure and table, by key.

    Returns
    -------
    bytes
        The page.
    """
    years = stages.study.panel.years
    pictures = {key: files[SCREEN] for key, files in made.items() if SCREEN in files}
    return report_html(
        [section_of(chapter, pictures) for chapter in chapters],
        title=say("The Yangtze River Delta: neighbours, industries, spillovers"),
        subtitle=say("41 cities, {first}-{last}; made by yrd replicate", first=years[0], last=years[-1]),
    ).encode()


def tables_of(parts: Iterable[Drawing | Exhibit]) -> dict[str, pd.DataFrame]:
    """Collect the tables.

    Parameters
    ----------
    parts : iterable of Drawing or Exhibit
        Figures and tables.

    Returns
    -------
    dict of str to pandas.DataFrame
        By name.
    """
    return {part.key: part.frame for part in parts if isinstance(part, Exhibit)}
