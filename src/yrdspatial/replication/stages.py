"""The stages of the main job, each computed once for all it depends on: what did not change is not computed again."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pandas as pd

from yrdspatial.replication.beyond import Beyond, measure_beyond
from yrdspatial.replication.cache import Cache, fingerprint, fingerprint_of_data, fingerprint_of_program
from yrdspatial.replication.chapters.robustness import head_of
from yrdspatial.replication.claims import check_claims
from yrdspatial.replication.clustering import Clustering, measure_clustering
from yrdspatial.replication.robustness import Robustness, robustness
from yrdspatial.replication.specialization import Specialization, measure_specialization
from yrdspatial.replication.spillovers import Spillovers, estimate_spillovers
from yrdspatial.replication.study import Study
from yrdspatial.tables.speech import LANGUAGE

FOR_CLAIMS = ("claims", "panels/manufacturing", "panels/services")
"""Folders of the data that only the claims, and the list of sources, look at."""
OF_ALL_DATA = ("claims", "provenance", "tables")
"""Chapters that look at those folders too, and the tables of all chapters together."""

Value = TypeVar("Value")


@dataclass(frozen=True)
class Stages:
    """Everything the report is made of; a stage is computed, or taken from the cache, when it is first asked for.

    Attributes
    ----------
    study : Study
        Data and weights.
    seed : int
        Seed of everything random.
    permutations : int
        Number of permutations of the tests for clusters.
    data_dir : str or Path, optional
        The user's data folder.
    cache : Cache
        Outcomes of earlier runs.
    """

    study: Study
    seed: int
    permutations: int
    data_dir: str | Path | None
    cache: Cache

    @cached_property
    def core(self) -> str:
        """Fingerprint of the program and of the data of the study."""
        data = fingerprint_of_data(self.data_dir, without=FOR_CLAIMS)
        return fingerprint(fingerprint_of_program(), data)

    @cached_property
    def whole(self) -> str:
        """Fingerprint of the program and of all data."""
        return fingerprint(fingerprint_of_program(), fingerprint_of_data(self.data_dir))

    @cached_property
    def measures(self) -> Specialization:
        """Who is specialized in what."""
        return self._kept("specialization", lambda: measure_specialization(self.study.panel))

    @cached_property
    def tested(self) -> dict[str, pd.Series]:
        """The measures whose clustering is tested, each indexed (unit, year)."""
        return measures_to_test(self.measures)

    @cached_property
    def clustering(self) -> Clustering:
        """Whether it clusters."""
        options = {"permutations": self.permutations, "seed": self.seed}
        return self._kept(
            "clustering", lambda: measure_clustering(self.tested, self.study.weights, **options), options
        )

    @cached_property
    def spillovers(self) -> Spillovers:
        """Whether it spills over."""
        study, seed = self.study, self.seed
        return self._kept(
            "spillovers",
            lambda: estimate_spillovers(study.panel, study.times, study.weights, seed=seed),
            seed,
        )

    @cached_property
    def beyond(self) -> Beyond:
        """What the data say beyond the paper."""
        study, seed = self.study, self.seed
        return self._kept("beyond", lambda: measure_beyond(study, seed=seed), seed)

    @cached_property
    def robustness(self) -> Robustness:
        """The models behind the sensitivity of the answers, heads and notes in the language of the report."""
        lang = LANGUAGE.get()
        return self._kept("robustness", lambda: robustness(self.study, lang=lang, naming=head_of), lang)

    @cached_property
    def claims(self) -> pd.DataFrame:
        """Whether the paper is right; these look at all data."""
        return self.cache.get(
            fingerprint(self.whole, "claims", self.seed, LANGUAGE.get()),
            lambda: check_claims(self.study, seed=self.seed, data_dir=self.data_dir),
        )

    def edition(self, chapter: str) -> str:
        """Name the state of a chapter: all it may depend on, its language included.

        Parameters
        ----------
        chapter : str
            Its key.

        Returns
        -------
        str
            A fingerprint.
        """
        data = self.whole if chapter in OF_ALL_DATA else self.core
        return fingerprint(data, chapter, self.seed, self.permutations, LANGUAGE.get())

    def _kept(self, name: str, compute: Callable[[], Value], *given: object) -> Value:
        return self.cache.get(fingerprint(self.core, name, *given), compute)


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
