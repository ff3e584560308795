"""Last chapter of the report: known breaks, where every figure comes from, and how to make the report again."""

from importlib.metadata import version
from pathlib import Path

import pandas as pd

from yrdspatial.datasets import list_datasets
from yrdspatial.replication.exhibits import Chapter, Exhibit
from yrdspatial.replication.study import Study
from yrdspatial.report.html import Paragraph, Provenance
from yrdspatial.tables.speech import LANGUAGE, say

PACKAGES = ("yrdspatial", "numpy", "scipy", "pandas", "geopandas", "libpysal", "formulaic", "matplotlib")


def provenance_chapter(study: Study, seed: int, permutations: int, data_dir: str | Path | None) -> Chapter:
    """Tell what the report stands on.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    seed : int
        Seed of everything random.
    permutations : int
        Number of permutations.
    data_dir : str or Path, optional
        The user's data folder.

    Returns
    -------
    Chapter
        Breaks, sources, versions, seed.
    """
    lang = LANGUAGE.get()
    breaks = study.panel.breaks()[["strand", "year_from", "year_to", "kind", "note"]]
    sources = list_datasets(data_dir).rename_axis("file").reset_index()
    flags = (
        study.panel.flags.groupby("flag").size().sort_values(ascending=False).rename("values").reset_index()
    )
    return Chapter(
        "provenance",
        say("What this stands on"),
        [
            Paragraph(
                say(
                    "Official statistics, transcribed; sources are named per file and per value, and a file whose hash "
                    "differs from the register does not load. The statistics offices state no open licence: figures "
                    "are for research. Boundaries: Tianditu 2024 release, no clear open licence found; the layer is "
                    "simplified and can be replaced."
                )
            ),
            Exhibit(
                "breaks",
                breaks,
                say("Known breaks of the panel."),
                formats={"year_from": ".0f", "year_to": ".0f"},
            ),
            Exhibit(
                "flags",
                flags,
                say("Flags of single values in the panel."),
                notes=(say("Unflagged values are not counted."),),
            ),
            Exhibit("sources", sources, say("Every data file with its source."), long=True),
            Exhibit("sources-used", short_sources(sources), say("The files behind this report.")),
            Provenance(
                {
                    say("command"): f"yrd replicate --seed {seed}"
                    + (f" --lang {lang}" if lang != "en" else ""),
                    say("seed"): str(seed),
                    say("permutations"): str(permutations),
                    **{name: version(name) for name in PACKAGES},
                }
            ),
        ],
    )


def short_sources(sources: pd.DataFrame) -> pd.DataFrame:
    """Shorten the register to what fits a page.

    Parameters
    ----------
    sources : pandas.DataFrame
        The register.

    Returns
    -------
    pandas.DataFrame
        Columns file, title, producer, sha256 (first twelve digits); the panel years as one row each.
    """
    return sources.assign(sha256=sources["sha256"].str[:12])[["file", "title", "producer", "sha256"]]
