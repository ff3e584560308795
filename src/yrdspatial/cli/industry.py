"""``yrd industry``: who does what and where it moves, one verb a measure."""

from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

import yrdspatial as yrd
from yrdspatial.cli.options import BasisOption, DataDir, Out, Years, sector_table, select_years, show

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(help="Who does what: specialization, concentration, transfer.", no_args_is_help=True)
Of = Annotated[
    Literal["units", "sectors"],
    typer.Option(help="Of cities over sectors, or of sectors over cities."),
]
Sector = Annotated[
    str, typer.Argument(help="A column of the panel, or a sector set such as producer_services_5.")
]
Base = Annotated[int, typer.Option(help="First year.")]
End = Annotated[int, typer.Option(help="Last year.")]
Reference = Annotated[
    Literal["region", "nation"], typer.Option(help="The 41 units, or all prefecture cities of the nation.")
]
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
def lq(
    basis: BasisOption = "sectors_19",
    reference: Reference = "region",
    form: Annotated[Literal["ratio", "symmetric", "log", "surplus"], typer.Option(help="Form.")] = "ratio",
    years: Years = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Location quotients."""
    table = sector_table(yrd.load_panel(data_dir=data_dir), basis, years)
    show(yrd.location_quotient(table, reference=reference, form=form).reset_index(), out)


@app.command()
def krugman(
    versus: Annotated[
        Literal["rest", "total", "others", "pairs", "nation"],
        typer.Option(help="What a city is compared with."),
    ],
    *,
    halved: Annotated[bool, typer.Option(help="Divide by two, so that the range is [0, 1).")],
    basis: BasisOption = "sectors_19",
    years: Years = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Krugman index of specialization."""
    table = sector_table(yrd.load_panel(data_dir=data_dir), basis, years)
    show(yrd.krugman_index(table, versus=versus, halved=halved).rename("krugman").reset_index(), out)


@app.command()
def hoover(
    of: Of = "units",
    basis: BasisOption = "sectors_19",
    reference: Reference = "region",
    years: Years = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Hoover index of specialization (units) or localization (sectors)."""
    table = sector_table(yrd.load_panel(data_dir=data_dir), basis, years)
    show(yrd.hoover_index(table, of=of, reference=reference).rename("hoover").reset_index(), out)


@app.command()
def gini(
    of: Of = "sectors",
    normalization: Annotated[
        Literal["lorenz", "half", "quotients"], typer.Option(help="Which of the three Ginis.")
    ] = "lorenz",
    basis: BasisOption = "sectors_19",
    years: Years = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Locational Gini."""
    table = sector_table(yrd.load_panel(data_dir=data_dir), basis, years)
    show(yrd.locational_gini(table, of=of, normalization=normalization).rename("gini").reset_index(), out)


@app.command()
def herfindahl(
    of: Of = "units",
    *,
    normalized: Annotated[bool, typer.Option(help="From 0 to 1 whatever the number of sectors.")] = False,
    basis: BasisOption = "sectors_19",
    years: Years = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Herfindahl index."""
    table = sector_table(yrd.load_panel(data_dir=data_dir), basis, years)
    show(yrd.herfindahl(table, normalized=normalized, of=of).rename("herfindahl").reset_index(), out)


@app.command()
def entropy(
    of: Of = "units",
    *,
    normalized: Annotated[
        bool, typer.Option(help="Divide by the logarithm of the number of sectors.")
    ] = False,
    basis: BasisOption = "sectors_19",
    years: Years = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Entropy of the shares."""
    table = sector_table(yrd.load_panel(data_dir=data_dir), basis, years)
    show(yrd.entropy(table, normalized=normalized, of=of).rename("entropy").reset_index(), out)


@app.command()
def cr(
    k: Annotated[int, typer.Option(min=1, help="Number of largest sectors.")] = 5,
    basis: BasisOption = "sectors_19",
    years: Years = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Concentration ratio of the k largest sectors."""
    table = sector_table(yrd.load_panel(data_dir=data_dir), basis, years)
    show(yrd.concentration_ratio(table, k).rename(f"cr{k}").reset_index(), out)


@app.command()
def similarity(
    measure: Annotated[Literal["unido", "krugman"], typer.Option(help="Cosine, or 1 - Krugman/2.")] = "unido",
    against: Annotated[
        Literal["mean", "region"], typer.Option(help="Mean over pairs, or with the region.")
    ] = "mean",
    basis: BasisOption = "sectors_19",
    years: Years = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Similarity of the structure of each city."""
    table = sector_table(yrd.load_panel(data_dir=data_dir), basis, years)
    index = cast("pd.Series[float]", yrd.similarity(table, measure=measure, against=against))
    show(index.rename("similarity").reset_index(), out)


@app.command()
def coagglomeration(
    variant: Annotated[Literal["short", "long"], typer.Option(help="Quality, or quality and height.")],
    services: Annotated[
        Literal["producer_services_4", "producer_services_5", "producer_services_6"],
        typer.Option(help="Definition."),
    ] = "producer_services_5",
    years: Years = None,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Co-agglomeration of manufacturing and producer services."""
    sets = yrd.sector_sets()
    table = sector_table(yrd.load_panel(data_dir=data_dir), "sectors_19", years)
    chosen = {name: sets[name] for name in ("manufacturing", services)}
    quotients = yrd.location_quotient(table, groups=chosen)
    index = yrd.coagglomeration(quotients["manufacturing"], quotients[services], variant=variant)
    show(index.rename("coagglomeration").reset_index(), out)


@app.command()
def tiers(
    year: Annotated[int, typer.Option(help="A year.")],
    k: Annotated[int, typer.Option(min=2, help="Number of tiers.")] = 5,
    services: Annotated[
        Literal["producer_services_4", "producer_services_5", "producer_services_6"],
        typer.Option(help="Definition."),
    ] = "producer_services_5",
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Tiers of cities by the share of producer services in service employment, by natural breaks."""
    sets = yrd.sector_sets()
    table = sector_table(yrd.load_panel(data_dir=data_dir), "sectors_19", str(year)).droplevel("year")
    share = table[sets[services]].sum(axis=1) / table[sets["tertiary"]].sum(axis=1)
    result = yrd.tiers(share, k)
    show(result.labels.rename("tier").to_frame().assign(share=share).reset_index(), out)


@app.command()
def transfer(
    sector: Sector,
    base: Base,
    end: End,
    measure: Annotated[TransferMeasure, typer.Option(help="Which measure of transfer.")] = "share_change",
    *,
    across_breaks: AcrossBreaks = False,
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Industrial transfer between two years; a known break between them is refused unless allowed."""
    panel = yrd.load_panel(data_dir=data_dir)
    columns = yrd.sector_sets().get(sector, [sector])
    result = yrd.industrial_transfer(
        panel, columns, base=base, end=end, measure=measure, across_breaks=across_breaks
    )
    show(result.rename(measure).reset_index(), out)


@app.command()
def windows(
    sector: Sector,
    measure: Annotated[TransferMeasure, typer.Option(help="Which measure of transfer.")] = "share_change",
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Industrial transfer inside the windows between the known breaks, and its sum."""
    columns = yrd.sector_sets().get(sector, [sector])
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
    columns = yrd.sector_sets().get(sector, [sector])
    chosen = select_years(yrd.load_panel(data_dir=data_dir).select(columns=columns), years)
    amounts = chosen.frame.dropna().sum(axis=1).rename(columns[0])
    show(yrd.gravity_centre(amounts, across_breaks=across_breaks).reset_index(), out)


@app.command()
def theil(
    column: Annotated[str, typer.Argument(help="A column of the panel, such as gdp.")],
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
