"""Chapters 1 and 2 of the report: where the cities are, how far by rail in each year, and who is a neighbour."""

from functools import partial

import numpy as np
import pandas as pd

from yrdspatial.rail.accessibility import accessibility
from yrdspatial.replication.chapters.wording import cities, short_names, title
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit
from yrdspatial.replication.strands import MASS_YEAR
from yrdspatial.replication.study import FROZEN_YEAR, Study
from yrdspatial.report.figures import change_plot
from yrdspatial.report.heatmap import weights_heatmap
from yrdspatial.report.html import Paragraph
from yrdspatial.report.maps import map_network
from yrdspatial.tables.speech import say

SHANGHAI = 310000
MAP_YEARS = (2008, 2010, 2012, 2016, 2020, 2022)
RAIL_NOTE = (
    "Lines by opening date; operating speeds of about 2016, constant over time; a line counts from 1 July on if it "
    "was open by then. Pairs without high-speed rail: the faster of conventional rail (2016) and a road rule "
    "(30 min + 1.3 × great-circle km at 80 km/h)."
)


def distance_chapter(study: Study) -> Chapter:
    """Show the network by year, the times it makes, and who gained.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    Chapter
        One map, one chart, two tables.
    """
    first, last = max(2007, study.times.years[0]), study.times.years[-1]
    served = study.rail.first_service()
    from_shanghai = study.times.array[:, list(study.times.units).index(SHANGHAI), :]
    medians = pd.Series(np.median(from_shanghai, axis=1), index=study.times.years)
    counts = {
        year: int((served <= pd.Timestamp(year, 7, 1)).sum()) for year in (first, FROZEN_YEAR, 2016, last)
    }
    text = say(
        "On 1 July {first}, new or upgraded fast lines reached {early} of the 41 cities, in 2016 {middle}, in {last} "
        "{late}. The median time from 上海 Shanghai to a city of the delta fell from {before:.0f} minutes to "
        "{after:.0f}. On 1 July {last} still without such a service: {unserved}.",
        first=first,
        last=last,
        early=counts[first],
        middle=counts[2016],
        late=counts[last],
        before=medians[first],
        after=medians[last],
        unserved=cities(study, served.index[~(served <= pd.Timestamp(last, 7, 1))]),
    )
    network = partial(
        map_network,
        study.shapes,
        study.units,
        study.rail.lines(f"{last}-12-31"),
        years=[year for year in MAP_YEARS if year <= last],
        first_service=served,
        provinces=study.provinces,
    )
    return Chapter(
        "how-far",
        say("Where the cities are, and how far by rail"),
        [
            Paragraph(text),
            Drawing(
                "rail-network",
                network,
                say("The 41 cities and the high-speed lines in service on 1 July, by year."),
                say(
                    "Maps of the delta with the railway lines open in each year; the network grows from a few lines "
                    "around Shanghai, Nanjing and Hangzhou to almost every city."
                ),
                say("Polygons: Tianditu 2024 release, simplified. ") + say(RAIL_NOTE),
                wide=True,
            ),
            gains(study, first, last),
            times_from_shanghai(study),
            Exhibit(
                "travel-times", long_times(study), say("Minutes between cities by year and mode."), long=True
            ),
        ],
    )


def gains(study: Study, first: int, last: int) -> Drawing:
    """Draw the mean travel time of every city at the beginning and at the end.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    first, last : int
        Years.

    Returns
    -------
    Drawing
        One line a city.
    """
    mass = study.panel.frame["gdp"].xs(MASS_YEAR, level="year")
    minutes = accessibility(study.times, mass, measure="weighted_time")["weighted_time"]
    before, after = (minutes.xs(year, level="year") for year in (first, last))
    figure = partial(
        change_plot,
        before,
        after,
        short_names(study),
        times=(str(first), str(last)),
        label=say("Mean time to the other cities, minutes"),
    )
    return Drawing(
        "accessibility-change",
        figure,
        say(
            "Mean travel time to the other 40 cities, weighted by their GDP of {base}, {first} and {last}.",
            base=MASS_YEAR,
            first=first,
            last=last,
        ),
        say(
            "A line for every city from its mean travel time in the first year to that in the last, which is shorter "
            "for {count} of them.",
            count=int((after < before).sum()),
        ),
        say(RAIL_NOTE),
    )


def times_from_shanghai(study: Study) -> Exhibit:
    """Tabulate the minutes from Shanghai for some years.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    Exhibit
        One row a city, one column a year.
    """
    years = list(study.times.years)
    row = list(study.times.units).index(SHANGHAI)
    table = pd.DataFrame(study.times.array[:, row, :].T, index=study.times.units, columns=years).round(0)
    table.insert(0, "city", [cities(study, [code]) for code in table.index])
    table = table.drop(index=SHANGHAI).set_index("city")
    shown = table[[year for year in (2003, *MAP_YEARS) if year in years]]
    return Exhibit(
        "times-from-shanghai",
        table.rename(columns=str),
        say("Minutes from 上海 Shanghai on 1 July."),
        notes=(say(RAIL_NOTE),),
        formats={str(year): ".0f" for year in years},
        shown=shown.rename(columns=str),
    )


def long_times(study: Study) -> pd.DataFrame:
    """List every pair of every year with its minutes and mode.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    pandas.DataFrame
        Columns year, from_adcode, to_adcode, minutes, mode; each pair once.
    """
    units = np.asarray(study.times.units)
    rows, columns = np.triu_indices(len(units), 1)
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "year": year,
                    "from_adcode": units[rows],
                    "to_adcode": units[columns],
                    "minutes": study.times.array[position][rows, columns].round(1),
                    "mode": study.times.modes(year).to_numpy()[rows, columns],
                }
            )
            for position, year in enumerate(study.times.years)
        ],
        ignore_index=True,
    )


def neighbours_chapter(study: Study) -> Chapter:
    """Show the three families of weights and how much the network rewires them.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    Chapter
        A heat map and a table.
    """
    last = study.panel.years[-1]
    rail = study.weights["rail"]
    then, now = (rail.array(years=[year])[0] > 0 for year in (FROZEN_YEAR, last))
    kept = (then & now).sum() / then.sum()
    across = crossing_share(study)
    text = say(
        "Three families of weights run through the report, all row-standardized: contiguity (the 99 pairs of polygons "
        "that touch, and the bridge from 宁波 Ningbo to 舟山 Zhoushan), the five nearest cities in rail time of the "
        "year, and the same frozen at {frozen}. Between {frozen} and {last} the network kept {kept:.0f} % of the "
        "{links} rail links and exchanged the rest. Of the links by contiguity {contiguity:.0f} % cross a provincial "
        "border, of those by rail of {last} {rail:.0f} %.",
        frozen=FROZEN_YEAR,
        last=last,
        kept=100 * kept,
        links=int(then.sum()),
        contiguity=100 * across["contiguity"],
        rail=100 * across["rail"],
    )
    years = [FROZEN_YEAR, (FROZEN_YEAR + last) // 2, last]
    matrices = {title("contiguity"): study.weights["contiguity"].array(study.units.index, [last])[0]}
    matrices |= {say("rail, {year}", year=year): rail.array(study.units.index, [year])[0] for year in years}
    return Chapter(
        "neighbours",
        say("Who is a neighbour"),
        [
            Paragraph(text),
            Drawing(
                "weights",
                partial(weights_heatmap, matrices, study.units),
                say(
                    "Weights by contiguity and by rail time of {first}, {middle} and {last}, cities by province.",
                    first=years[0],
                    middle=years[1],
                    last=last,
                ),
                say("Four square matrices of weights, cities in blocks by province."),
                wide=True,
            ),
            weights_table(study),
        ],
    )


def crossing_share(study: Study) -> dict[str, float]:
    """Compute the share of links between cities of different provinces in the last year.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    dict of str to float
        By family of weights.
    """
    province = study.units["province_en"].to_numpy()
    other = province[:, None] != province[None, :]
    links = {
        name: series.array(study.units.index, [study.panel.years[-1]])[0] > 0
        for name, series in study.weights.items()
    }
    return {name: float((link & other).sum() / link.sum()) for name, link in links.items()}


def weights_table(study: Study) -> Exhibit:
    """Summarize the weights by family and year.

    Parameters
    ----------
    study : Study
        The inputs of the main job.

    Returns
    -------
    Exhibit
        All years in the file, the first and the last year of the models in the report.
    """
    tables = [series.summary().assign(weights=title(name)) for name, series in study.weights.items()]
    table = pd.concat([part.rename_axis("year").reset_index() for part in tables], ignore_index=True)
    table = table[["weights", "year", *table.columns.drop(["weights", "year"])]]
    shown = table[table["year"].isin([FROZEN_YEAR, 2016, study.panel.years[-1]])]
    shown = shown.drop(columns=["units", "components", "spectral_radius"])
    shown = shown.rename(columns=lambda name: name.replace("neighbours_", "").replace("_", " "))
    return Exhibit(
        "weights-summary",
        table,
        say("The weights in numbers."),
        notes=(
            say(
                "Effective neighbours: mean of 1/Σⱼ wᵢⱼ² of the row-standardized weights. One-way: share of the links "
                "that have no link back."
            ),
        ),
        shown=shown,
    )
