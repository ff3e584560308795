"""``yrd industry``: who does what and where it moves, one verb a measure."""

from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

import yrdspatial as yrd
from yrdspatial.cli.options import BasisOption, DataDir, Out, Years, sector_table, show

if TYPE_CHECKING:
    import pandas as pd

app = typer.Typer(help="Who does what: specialization, concentration, transfer.", no_args_is_help=True)
Of = Annotated[
    Literal["units", "sectors"],
    typer.Option(help="Of cities over sectors, or of sectors over cities."),
]
Reference = Annotated[
    Literal["region", "nation"], typer.Option(help="The 41 units, or all prefecture cities of the nation.")
]

Services = Annotated[
    Literal["producer_services_4", "producer_services_5", "producer_services_6"],
    typer.Option(
        metavar="WORD", help="Definition: producer_services_4, producer_services_5, producer_services_6."
    ),
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
        typer.Option(
            metavar="WORD", help="What a city is compared with: rest, total, others, pairs, nation."
        ),
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
    services: Services = "producer_services_5",
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
    services: Services = "producer_services_5",
    data_dir: DataDir = None,
    out: Out = None,
) -> None:
    """Tiers of cities by the share of producer services in service employment, by natural breaks."""
    sets = yrd.sector_sets()
    table = sector_table(yrd.load_panel(data_dir=data_dir), "sectors_19", str(year)).droplevel("year")
    share = table[sets[services]].sum(axis=1) / table[sets["tertiary"]].sum(axis=1)
    result = yrd.tiers(share, k)
    show(result.labels.rename("tier").to_frame().assign(share=share).reset_index(), out)
