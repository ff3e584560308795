"""``yrd industry``: where an industry moves, and whether units grow alike."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

import yrdspatial as yrd
from yrdspatial.cli.industry import app
from yrdspatial.cli.options import BasisOption, DataDir, Out, Years, select_years, show

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["app"]
Sector = Annotated[
    str, typer.Argument(help="A column of the panel, or a sector set such as producer_services_5.")
]
Base = Annotated[int, typer.Option(help="First year.")]
End = Annotated[int, typer.Option(help="Last year.")]
Column = Annotated[str, typer.Argument(help="A column of the panel, such as gdp.")]
UserTable = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A csv file.")]
AcrossBreaks = Annotated[bool, typer.Option("--across-breaks", help="Allow a change across a known break.")]
TransferMeasure = Literal[
    "share_change",
    "relative_share_change",
    "counterfactual",
    "net_share_change",
    "dynamic_agglomeration",
    "dynamic_agglomeration_annual",
    "churning",
]


@app.command()
def transfer(
    sector: Sector,
    base: Base,
    end: End,
    measure: Annotated[
        TransferMeasure, typer.Option(metavar="WORD", help=f"{', '.join(get_args(TransferMeasure))}.")
    ] = "share_change",
    *,
    across_breaks: AcrossBreaks = False,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Industrial transfer between two years; a known break between them is refused unless allowed."""
    panel = yrd.load_panel(data_dir=data_dir)
    columns = columns_of(sector)
    result = yrd.industrial_transfer(
        panel, columns, base=base, end=end, measure=measure, across_breaks=across_breaks
    )
    show(result.rename(measure).reset_index(), out)


@app.command()
def windows(
    sector: Sector,
    measure: Annotated[
        TransferMeasure, typer.Option(metavar="WORD", help=f"{', '.join(get_args(TransferMeasure))}.")
    ] = "share_change",
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Industrial transfer inside the windows between the known breaks, and its sum."""
    columns = columns_of(sector)
    show(
        yrd.windowed_transfer(yrd.load_panel(data_dir=data_dir), columns, measure=measure).reset_index(), out
    )


@app.command("shift-share")
def shift_share(
    base: Base,
    end: End,
    basis: BasisOption = "sectors_19",
    variant: Annotated[
        Literal["classic", "esteban_marquillas"], typer.Option(help="Decomposition.")
    ] = "classic",
    *,
    across_breaks: AcrossBreaks = False,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Dynamic shift-share: the yearly decompositions, added up."""
    panel = yrd.load_panel(data_dir=data_dir).select(columns=yrd.sector_sets()[basis])
    result = yrd.dynamic_shift_share(panel, base=base, end=end, variant=variant, across_breaks=across_breaks)
    show(result.reset_index(), out)


@app.command()
def centre(
    sector: Sector,
    years: Years = None,
    *,
    across_breaks: AcrossBreaks = False,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Gravity centre of an industry by year, and how far and where it moved."""
    columns = columns_of(sector)
    chosen = select_years(yrd.load_panel(data_dir=data_dir).select(columns=columns), years)
    amounts = chosen.frame.dropna().sum(axis=1).rename(columns[0])
    show(yrd.gravity_centre(amounts, across_breaks=across_breaks).reset_index(), out)


@app.command()
def theil(
    column: Column,
    population: Annotated[
        str | None, typer.Option(help="A column to weigh by, such as population_resident.")
    ] = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Theil index within and between provinces by year."""
    columns = [column, *([population] if population else [])]
    frame = yrd.load_panel(data_dir=data_dir).select(columns=columns).frame
    whole = frame.notna().all(axis=1).groupby("year").transform("all")
    frame = frame[whole]
    show(yrd.theil(frame[column], frame[population] if population else None).reset_index(), out)


@app.command()
def ellipse(sector: Sector, years: Years = None, data_dir: DataDir = None, out: Out = None) -> None:
    """Draw the standard deviational ellipse of an industry by year (Yuill's convention, kilometres)."""
    columns = columns_of(sector)
    chosen = select_years(yrd.load_panel(data_dir=data_dir).select(columns=columns), years)
    show(yrd.standard_deviational_ellipse(chosen.frame.dropna().sum(axis=1)).reset_index(), out)


@app.command()
def directions(sector: Sector, data_dir: DataDir = None, out: Out = None) -> None:
    """Transfer of the origins and the destinations that the literature names, inside the windows."""
    columns = columns_of(sector)
    moved = yrd.windowed_transfer(yrd.load_panel(data_dir=data_dir), columns)
    show(yrd.transfer_directions(moved).reset_index(), out)


@app.command()
def agreement(
    sector: Sector,
    base: Base,
    end: End,
    *,
    across_breaks: AcrossBreaks = False,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Rank correlations between the measures of transfer."""
    columns = columns_of(sector)
    panel = yrd.load_panel(data_dir=data_dir)
    table = yrd.transfer_agreement(panel, columns, base=base, end=end, across_breaks=across_breaks)
    show(table.rename_axis("measure").reset_index(), out)


@app.command()
def gradient(years: Years = None, data_dir: DataDir = None, out: Out = None) -> None:
    """Industrial gradient coefficient of manufacturing: location quotient times relative labour productivity."""
    sets = yrd.sector_sets()
    panel = select_years(yrd.load_panel(data_dir=data_dir), years)
    quotient = yrd.location_quotient(panel.select(columns=sets["sectors_19"]))["emp_C_manufacturing"]
    productivity = yrd.relative_productivity(panel, "va_secondary", "emp_C_manufacturing").reindex(
        quotient.index
    )
    show(yrd.gradient_coefficient(quotient, productivity).rename("gradient").reset_index(), out)


@app.command()
def sigma(column: Column, years: Years = None, data_dir: DataDir = None, out: Out = None) -> None:
    """Sigma convergence: dispersion of a column over the cities by year."""
    chosen = select_years(yrd.load_panel(data_dir=data_dir).select(columns=[column]), years)
    show(yrd.sigma_convergence(chosen.frame[column].dropna()).reset_index(), out)


@app.command()
def beta(column: Column, base: Base, end: End, data_dir: DataDir = None) -> None:
    """Absolute beta convergence of a column between two years."""
    values = yrd.load_panel(data_dir=data_dir).select(columns=[column]).frame[column].dropna()
    result = yrd.beta_convergence(values, base=base, end=end)
    typer.echo(
        f"coefficient {result.coefficient:.5f}, standard error {result.std_error:.5f}, p {result.pvalue:.4f}"
    )
    typer.echo(
        f"speed {result.speed:.5f} a year, half-life {result.half_life:.1f} years, {result.nobs} cities"
    )


@app.command()
def segmentation(
    prices: UserTable,
    variance: Annotated[
        Literal["population", "sample"], typer.Option(help="Divide by the number of goods or by one less.")
    ] = "population",
    out: Out = None,
) -> None:
    """Market segmentation from your price indices: unit, year, then one column a good (previous year = 100)."""
    table = user_table(prices)
    show(yrd.market_segmentation(table, pairs="all", variance=variance).units.reset_index(), out)


@app.command()
def coupling(
    scores: UserTable,
    variant: Annotated[Literal["classic", "modified"], typer.Option(help="Which coupling degree.")],
    out: Out = None,
) -> None:
    """Coupling coordination of your scores: unit, year, then one column a system, in [0, 1]."""
    show(yrd.coupling_coordination(user_table(scores), variant=variant).reset_index(), out)


@app.command("ellison-glaeser")
def ellison_glaeser(plants: UserTable, out: Out = None) -> None:
    """Ellison-Glaeser index of your plants: a csv file with columns sector, unit, size."""
    import pandas as pd

    show(yrd.ellison_glaeser(pd.read_csv(plants)).reset_index(), out)


def user_table(path: Path) -> "pd.DataFrame":
    """Read a csv file whose first columns are unit and, where there is one, year.

    Returns
    -------
    pandas.DataFrame
        Indexed by unit or (unit, year).
    """
    import pandas as pd

    table = pd.read_csv(path)
    return table.set_index(["unit", "year"] if "year" in table else "unit")


def columns_of(sector: str) -> list[str]:
    """Take a sector set by its name, or a column of the panel.

    Returns
    -------
    list of str
        Columns of the panel.
    """
    return yrd.sector_sets().get(sector, [sector])
