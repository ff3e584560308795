"""Chapter 3 of the report: who is specialized in what."""

from functools import partial

import pandas as pd

from yrdspatial.replication.chapters.wording import SHORT, cities, title
from yrdspatial.replication.exhibits import Chapter, Drawing, Exhibit
from yrdspatial.replication.specialization import Specialization
from yrdspatial.replication.study import Study
from yrdspatial.report.html import Caution, Paragraph
from yrdspatial.report.maps import choropleth_years
from yrdspatial.tables.speech import listed, say

BASIS = "Employment of urban non-private units, 19 sectors; reference: the 41 cities together (LQ = 1)."
VALUE_ADDED = "Value added of three sectors; reference: the 41 cities together (LQ = 1)."


def industry_chapter(study: Study, measures: Specialization) -> Chapter:
    """Show location quotients by city and year, and who leads.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    measures : Specialization
        The measures.

    Returns
    -------
    Chapter
        Three sets of maps and the tables.
    """
    years = [
        year for year in (2005, 2009, 2012, 2013, 2016, 2019) if year in measures.groups.index.unique("year")
    ]
    last = int(measures.value_added.index.unique("year").max())
    return Chapter(
        "specialization",
        say("Who does what"),
        [
            Paragraph(leaders(study, measures)),
            Caution(
                say(
                    "Employment by sector widened its coverage in 2013, in Jiangsu above all. Shares inside a city "
                    "hold across the break, shares of the delta do not: compare 2005 with 2012 and 2013 with 2019, "
                    "never 2012 with 2013."
                ),
                title=say("The break of 2013"),
            ),
            maps(study, measures.groups["manufacturing"], years, say(BASIS)),
            maps(study, measures.groups["producer_services_5"], years, say(BASIS)),
            maps(
                study,
                measures.value_added["va_secondary"],
                [2006, 2009, 2012, 2015, 2018, last],
                say(VALUE_ADDED),
            ),
            ranking(study, measures),
            Exhibit(
                "lq-sectors",
                measures.sectors.reset_index(),
                say("Location quotients of 19 sectors."),
                long=True,
            ),
            Exhibit(
                "lq-groups", measures.groups.reset_index(), say("Location quotients of groups."), long=True
            ),
            Exhibit(
                "lq-value-added", measures.value_added.reset_index(), say("Value-added quotients."), long=True
            ),
            Exhibit(
                "krugman", measures.krugman.rename("krugman").reset_index(), say("Krugman index."), long=True
            ),
        ],
    )


def leaders(study: Study, measures: Specialization) -> str:
    """Say which cities lead in the last year of each basis.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    measures : Specialization
        The measures.

    Returns
    -------
    str
        A paragraph.
    """
    last, newest = (
        int(table.index.unique("year").max()) for table in (measures.groups, measures.value_added)
    )
    groups, value_added = (
        measures.groups.xs(last, level="year"),
        measures.value_added.xs(newest, level="year"),
    )
    krugman = measures.krugman.groupby(level="year").mean()
    return say(
        "In {last} the highest location quotients of manufacturing employment belong to {manufacturing}; those of "
        "producer services (five sectors) to {services}. By value added in {newest}, the secondary sector weighs most "
        "in {secondary} and the tertiary in {tertiary}. The mean Krugman index over 19 sectors (versus the rest of "
        "the delta, not halved, range 0 to 2) is {before:.3f} in {first} and {after:.3f} in {end}. All figures: "
        "`tables/lq-groups.csv` and its neighbours.",
        last=last,
        newest=newest,
        manufacturing=cities(study, groups["manufacturing"].nlargest(5).index),
        services=cities(study, groups["producer_services_5"].nlargest(5).index),
        secondary=cities(study, value_added["va_secondary"].nlargest(3).index),
        tertiary=cities(study, value_added["va_tertiary"].nlargest(3).index),
        before=krugman.iloc[0],
        first=krugman.index[0],
        after=krugman.iloc[-1],
        end=krugman.index[-1],
    )


def maps(study: Study, values: pd.Series, years: list[int], basis: str) -> Drawing:
    """Draw one measure in several years with the same classes.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    values : pandas.Series
        Indexed (unit, year).
    years : list of int
        The years drawn.
    basis : str
        Basis and reference, for the note.

    Returns
    -------
    Drawing
        One map a year.
    """
    name = str(values.name)
    figure = partial(
        choropleth_years,
        study.shapes,
        values.unstack("year"),
        label=title(name),
        years=years,
        provinces=study.provinces,
    )
    return Drawing(
        "lq-" + name.replace("_", "-"),
        figure,
        say("{measure}: the same natural breaks in every year.", measure=title(name)),
        say(
            "Maps of the delta coloured by {measure}, one for each of {years}.",
            measure=title(name),
            years=listed(map(str, years)),
        ),
        basis,
        wide=True,
    )


def ranking(study: Study, measures: Specialization) -> Exhibit:
    """Tabulate the quotients of the last years, cities in the order of manufacturing.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    measures : Specialization
        The measures.

    Returns
    -------
    Exhibit
        One row a city; the table of the last year of employment with the value-added quotients of the last year.
    """
    last, newest = (
        int(table.index.unique("year").max()) for table in (measures.groups, measures.value_added)
    )
    table = pd.concat(
        [
            measures.groups.xs(last, level="year"),
            measures.value_added[["va_secondary", "va_tertiary"]].xs(newest, level="year"),
            measures.krugman.xs(last, level="year").rename("krugman"),
        ],
        axis=1,
    ).sort_values("manufacturing", ascending=False)
    table.insert(0, "city", [cities(study, [code]) for code in table.index])
    return Exhibit(
        "lq-ranking",
        table.set_index("city").rename(columns=SHORT),
        say(
            "Location quotients by employment in {last} and by value added in {newest}.",
            last=last,
            newest=newest,
        ),
        notes=(
            say(BASIS),
            say(VALUE_ADDED),
            say(
                "Services: producer services in three definitions. Krugman: {year}, 19 sectors, versus rest, not "
                "halved.",
                year=last,
            ),
        ),
        formats=dict.fromkeys(SHORT.values(), ".2f"),
    )


def flags(measures: Specialization) -> tuple[str, ...]:
    """Collect the flags of the panel that the quotients carry.

    Parameters
    ----------
    measures : Specialization
        The measures.

    Returns
    -------
    tuple of str
        One note a kind of flag.
    """
    tables = {"Employment": measures.groups, "Value added": measures.value_added}
    return tuple(f"{name}, {note}." for name, table in tables.items() for note in table.attrs["notes"])
