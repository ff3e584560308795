"""The options of ``yrd fit`` and its like, in groups: data, terms, inference, effects, the table written."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, get_args

import typer

from yrdspatial.cli.options import DataDir, Years

EFFECTS = ("pooled", "unit", "time", "twoways", "window", "random", "random_kkp", "mundlak")
Effects = Literal["pooled", "unit", "time", "twoways", "window", "random", "random_kkp", "mundlak"]
CovType = Literal["expected", "observed", "opg", "robust", "cluster", "driscoll-kraay", "conley"]
Lang = Annotated[Literal["en", "zh"], typer.Option(metavar="WORD", help="Language of the table: en, zh.")]


@dataclass(frozen=True)
class Rows:
    """Options on the data.

    Attributes
    ----------
    years, units, without, data, strand, data_dir
        Which rows, of which table, with which windows.
    """

    years: Years = None
    units: Annotated[
        list[str] | None, typer.Option(metavar="CITY", help="Only these cities; repeat, or use commas.")
    ] = None
    without: Annotated[
        list[str] | None, typer.Option(metavar="CITY", help="All but these cities; repeat, or use commas.")
    ] = None
    data: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, help="A csv of yours with columns unit and year."),
    ] = None
    strand: Annotated[
        str, typer.Option(metavar="WORDS", help="Whose breaks part the windows of --effects window.")
    ] = "employment"
    data_dir: DataDir = None


@dataclass(frozen=True)
class Terms:
    """Options on what is in the model.

    Attributes
    ----------
    effects, durbin, dynamic
        Fixed or random effects, terms with a spatial lag, lags over time.
    """

    effects: Annotated[Effects, typer.Option(metavar="WORD", help=f"{', '.join(EFFECTS)}.")] = "twoways"
    durbin: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TERM", help="A term of X whose spatial lag is in; repeat it. All when left out."
        ),
    ] = None
    dynamic: Annotated[
        list[str] | None,
        typer.Option(metavar="WORD", help="y or Wy of the year before, in sar and sdm; repeat it for both."),
    ] = None


@dataclass(frozen=True)
class Inference:
    """Options on estimation and standard errors.

    Attributes
    ----------
    bias, cov_type, lags, conley_distance, conley_cutoff
        As of ``fit``.
    """

    bias: Annotated[
        Literal["adjusted", "none"],
        typer.Option(metavar="WORD", help="adjusted: the bias of fixed effects is removed; none: left in."),
    ] = "adjusted"
    cov_type: Annotated[CovType, typer.Option(metavar="WORD", help=f"{', '.join(get_args(CovType))}.")] = (
        "expected"
    )
    lags: Annotated[int | None, typer.Option(min=0, help="driscoll-kraay, conley: lags over years.")] = None
    conley_distance: Annotated[
        Literal["km", "minutes"] | None,
        typer.Option(
            metavar="WORD", help="conley: km (default) between cities, or minutes of the last year."
        ),
    ] = None
    conley_cutoff: Annotated[
        float | None, typer.Option(min=0, help="conley: from here on cities count as independent.")
    ] = None


@dataclass(frozen=True)
class Printed:
    """Options on the table that is written.

    Attributes
    ----------
    out, lang, stars, digits
        File and form.
    """

    out: Annotated[
        Path | None, typer.Option(help="Write a table instead: .docx, .tex, .xlsx, .html or .csv.")
    ] = None
    lang: Lang = "en"
    stars: Annotated[
        Literal["zh", "en", "none"], typer.Option(metavar="WORD", help="zh 10/5/1 %, en 5/1/0.1 %, none.")
    ] = "zh"
    digits: Annotated[int, typer.Option(min=0, max=10, help="Decimals.")] = 3


@dataclass(frozen=True)
class Effect:
    """Options on effects.

    Attributes
    ----------
    method, draws, seed, by, horizon
        As of ``impacts``.
    """

    method: Annotated[
        Literal["delta", "simulation"],
        typer.Option(metavar="WORD", help="Standard errors: delta, or simulation (needs --seed)."),
    ] = "delta"
    draws: Annotated[int, typer.Option(min=2, help="Draws of the simulation.")] = 1000
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of the simulation.")] = None
    by: Annotated[
        Literal["year", "unit"] | None,
        typer.Option(metavar="WORD", help="year: under the weights of each; unit: who sends, who receives."),
    ] = None
    horizon: Annotated[
        Literal["short", "long"], typer.Option(metavar="WORD", help="Dynamic models: short or long run.")
    ] = "short"
