"""What the checks of claims share: the study, tables beside the panel, four families of weights, permutations."""

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from yrdspatial.datasets import read_table
from yrdspatial.errors import WeakIdentificationWarning
from yrdspatial.geography.regions import load_region_titles, load_regions, load_relations
from yrdspatial.models.estimators import SEM
from yrdspatial.panel.columns import sector_sets
from yrdspatial.replication.added_tables import load_added
from yrdspatial.replication.study import Study
from yrdspatial.tables.speech import LANGUAGE, listed, say, term
from yrdspatial.weights.contiguity import contiguity_weights
from yrdspatial.weights.distance import distance_weights
from yrdspatial.weights.economic import economic_weights
from yrdspatial.weights.series import WeightsSeries, as_series

PROVINCES = {"Shanghai": 310000, "Jiangsu": 320000, "Zhejiang": 330000, "Anhui": 340000}
CORE_CITIES = (310000, 320100, 330100, 340100)
ECONOMIC_YEARS = (2005,)
NEAREST = 5
GROUP_DRAWS = 99_999  # so that Monte Carlo error does not decide near 0.05
EMPLOYMENT = "employment in urban non-private units, China City Statistical Yearbook"
ACCOUNTS = "city accounts by sector"


@dataclass(frozen=True)
class Case:
    """Everything that a check may look at.

    Attributes
    ----------
    study : Study
        Panel, times and weights of the main job.
    seed : int
        Seed of every permutation test.
    permutations : int
        Number of permutations of local statistics.
    data_dir : str or Path, optional
        The user's data folder, where tables that nobody ships may be.
    """

    study: Study
    seed: int
    permutations: int = 999
    data_dir: str | Path | None = None

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The panel, indexed (unit, year)."""
        return self.study.panel.frame

    @cached_property
    def provinces(self) -> pd.DataFrame:
        """Provincial figures from the bulletins: index (variable, year), one column a province, and China."""
        table = read_table("panels/provinces/panel.csv", data_dir=self.data_dir)
        return table.pivot(index=["variable", "year"], columns="name_en", values="value")

    @cached_property
    def evidence(self) -> pd.Series:
        """Single figures of other documents, by key."""
        return read_table("claims/evidence.csv", data_dir=self.data_dir).set_index("key")["value"]

    @cached_property
    def leading(self) -> dict[int, list[str]]:
        """The printed leading industries by province, in their order."""
        table = read_table("claims/leading_industries.csv", data_dir=self.data_dir)
        rows = table.sort_values("rank").groupby("adcode")["industry"]
        return {int(str(code)): list(names) for code, names in rows}

    @cached_property
    def manufacturing(self) -> dict[int, pd.DataFrame]:
        """Manufacturing by unit and industry of the user's tables, by year; empty when there is none."""
        return load_added("manufacturing", data_dir=self.data_dir)

    @cached_property
    def services(self) -> dict[int, pd.DataFrame]:
        """Value added of services by unit and branch of the user's tables, by year; empty when there is none."""
        return load_added("services", data_dir=self.data_dir)

    @cached_property
    def relations(self) -> pd.DataFrame:
        """The edges between places."""
        return load_relations()

    @cached_property
    def regions(self) -> dict[str, list[int]]:
        """Members of every named set of cities."""
        return {str(name): list(codes) for name, codes in load_regions().groupby("region")["adcode"]}

    @cached_property
    def adjacency(self) -> pd.DataFrame:
        """Pairs of units: index (a, b) with a < b; adj_2016_on, kind, note."""
        return read_table("shapes/adjacency.csv").set_index(["a_adcode", "b_adcode"])

    @cached_property
    def by_province(self) -> pd.DataFrame:
        """Sums of the cities, indexed (province, year): GDP, sectors, population."""
        columns = ["gdp", "va_primary", "va_secondary", "va_tertiary", "population_resident"]
        table = self.frame[columns].join(self.study.units["province_en"], on="unit")
        return table.groupby(["province_en", "year"])[columns].sum(min_count=1)

    @cached_property
    def tertiary_share(self) -> pd.Series:
        """Tertiary value added in per cent of GDP, indexed (unit, year)."""
        return 100 * self.frame["va_tertiary"] / self.frame["gdp"]

    @cached_property
    def producer_share(self) -> dict[str, pd.Series]:
        """Producer services in per cent of tertiary employment, three definitions, indexed (unit, year)."""
        sets = sector_sets()
        tertiary = self.frame[sets["tertiary"]].sum(axis=1, min_count=14)
        names = [name for name in sets if name.startswith("producer_services")]
        return {name: 100 * self.frame[sets[name]].sum(axis=1) / tertiary for name in names}

    def at(self, column: str | pd.Series, year: int) -> pd.Series:
        """Take one year of a column.

        Parameters
        ----------
        column : str or pandas.Series
            Name of a panel column, or a series indexed (unit, year).
        year : int
            The year.

        Returns
        -------
        pandas.Series
            Indexed by unit.
        """
        values = self.frame[column] if isinstance(column, str) else column
        return values.xs(year, level="year")

    def values(self, column: str | pd.Series, year: int) -> dict[int, float]:
        """Take one year of a column as a dictionary.

        Parameters
        ----------
        column : str or pandas.Series
            Name of a panel column, or a series indexed (unit, year).
        year : int
            The year.

        Returns
        -------
        dict of int to float
            By code.
        """
        found = self.at(column, year)
        return {int(code): float(value) for code, value in zip(found.index, found, strict=True)}

    def bulletin(self, variable: str, year: int) -> dict[str, float]:
        """Take one figure of the bulletins.

        Parameters
        ----------
        variable : str
            Its name, without ``prov_``.
        year : int
            The year.

        Returns
        -------
        dict of str to float
            By province, and China.
        """
        found = self.provinces.xs(f"prov_{variable}", level="variable").T[year]
        return {str(name): float(value) for name, value in zip(found.index, found, strict=True)}

    def province_sums(self, column: str, year: int) -> dict[str, float]:
        """Sum a column over the cities of each province.

        Parameters
        ----------
        column : str
            A column of `by_province`.
        year : int
            The year.

        Returns
        -------
        dict of str to float
            By province.
        """
        found = self.by_province[column].xs(year, level="year")
        return {name: float(found[name]) for name in PROVINCES}

    def fact(self, key: str) -> float:
        """Take one figure of another document.

        Parameters
        ----------
        key : str
            Its key in ``claims/evidence.csv``.

        Returns
        -------
        float
            The figure.
        """
        return float(self.evidence[key])

    def names(self, codes: Iterable[int]) -> str:
        """Say cities in the language of the report.

        Parameters
        ----------
        codes : iterable of int
            Their codes.

        Returns
        -------
        str
            Separated by commas; "none" for none.
        """
        if LANGUAGE.get() == "zh":
            return listed(self.study.units["name_zh"][code].removesuffix("市") for code in codes) or say(
                "none"
            )
        return listed(str(self.study.units["name_en"][code]) for code in codes) or say("none")

    def title(self, region: str) -> str:
        """Say a named set of cities in the language of the report.

        Parameters
        ----------
        region : str
            Its name.

        Returns
        -------
        str
            Its title; when it is no named set, the name itself.
        """
        titles = load_region_titles()[f"name_{LANGUAGE.get()}"]
        return str(titles.get(region, term(region)))

    def union(self, *regions: str) -> list[int]:
        """List the members of several named sets.

        Parameters
        ----------
        *regions : str
            Names of sets.

        Returns
        -------
        list of int
            Sorted codes.
        """
        return sorted({code for name in regions for code in self.regions[name]})

    @cached_property
    def panel_families(self) -> Mapping[str, WeightsSeries]:
        """Four families of weights for every year of the panel, row-standardized.

        Contiguity; the five nearest seats by distance; the five nearest by rail time of the year; inverse gaps of GDP a
        head in 2005.
        """
        years = list(self.study.panel.years)
        head = pd.DataFrame({"gdp_head": self.frame["gdp"] / self.frame["population_resident"]})
        seats = self.study.units
        graphs = {
            "contiguity": contiguity_weights(),
            "distance": distance_weights(seats, k=NEAREST),
            "rail time": None,
            "economic": economic_weights(head, "gdp_head", years=ECONOMIC_YEARS),
        }
        return {
            name: self.study.weights["rail"] if graph is None else as_series(graph, years)
            for name, graph in graphs.items()
        }

    def permuted_difference(self, values: pd.Series, members: Iterable[int]) -> tuple[float, float]:
        """Difference of group means with a two-sided permutation p-value.

        Parameters
        ----------
        values : pandas.Series
            By unit.
        members : iterable of int
            Units of the first group; the others are the second.

        Returns
        -------
        difference : float
            Mean inside less mean outside.
        p : float
            (1 + number as extreme) / (1 + 99,999).
        """
        inside = values.index.isin(list(members))
        numbers = values.to_numpy(dtype=float)
        rng = np.random.default_rng(self.seed)
        draws = rng.permuted(np.tile(numbers, (GROUP_DRAWS, 1)), axis=1)
        simulated = draws[:, inside].mean(axis=1) - draws[:, ~inside].mean(axis=1)
        difference = float(numbers[inside].mean() - numbers[~inside].mean())
        extreme = int((np.abs(simulated) >= abs(difference) - 1e-12).sum())
        return difference, (1 + extreme) / (1 + GROUP_DRAWS)

    def differences_by_weights(
        self, values: pd.Series, members: Iterable[int], year: int
    ) -> dict[str, float]:
        """Difference of group means under spatially dependent errors, for each family of weights.

        Parameters
        ----------
        values : pandas.Series
            By unit.
        members : iterable of int
            Units of the first group.
        year : int
            Year of the weights.

        Returns
        -------
        dict of str to float
            Coefficient of membership by family.
        """
        inside = values.index.isin(list(members)).astype(float)
        data = pd.DataFrame({"outcome": values, "member": inside})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", WeakIdentificationWarning)
            fits = {
                name: SEM(data, "outcome ~ member", weights=series[year], effects="pooled").fit()
                for name, series in self.panel_families.items()
            }
        return {name: float(fit.params["member"]) for name, fit in fits.items()}
