"""Dataclasses of options become flat options, and come back as dataclasses."""

import inspect
from dataclasses import dataclass
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from yrdspatial.cli.grouping import grouped


@dataclass(frozen=True)
class Rows:
    """Which rows.

    More words.
    """

    years: Annotated[str | None, typer.Option(metavar="SPAN", help="A span.")] = None
    few: Annotated[bool, typer.Option("--few")] = False
    plain: int = 3


@dataclass(frozen=True)
class Needed:
    """What has to be said."""

    word: Annotated[str, typer.Option()]


@pytest.fixture
def app():
    seen = []
    app = typer.Typer()

    @app.command()
    @grouped
    def verb(name: str, rows: Rows, needed: Needed, out: int = 1) -> None:
        """Do it."""
        seen.append((name, rows, needed, out))

    return app, seen


def test_options_reach_their_dataclass(app):
    program, seen = app
    done = CliRunner().invoke(program, ["a", "--years", "2006-2008", "--few", "--word", "w", "--out", "7"])
    assert done.exit_code == 0, done.output
    assert seen == [("a", Rows("2006-2008", few=True), Needed("w"), 7)]


def test_defaults_are_those_of_the_dataclass(app):
    program, seen = app
    CliRunner().invoke(program, ["a", "--word", "w"])
    assert seen == [("a", Rows(), Needed("w"), 1)]


def test_a_field_without_a_default_is_required(app):
    program, seen = app
    assert CliRunner().invoke(program, ["a"]).exit_code == 2
    assert seen == []


def test_the_help_has_a_panel_a_group(app):
    said = CliRunner().invoke(app[0], ["--help"], env={"COLUMNS": "100"}).output
    assert "Do it." in said
    assert said.index("Which rows") < said.index("--years") < said.index("SPAN")
    assert said.index("What has to be said") < said.index("--word")
    assert "More words" not in said


def test_the_group_itself_is_left_as_it_is():
    before = str(Rows.__annotations__)

    def verb(rows: Rows) -> None:
        """Do it."""

    assert list(inspect.signature(grouped(verb)).parameters) == ["years", "few", "plain"]
    assert str(Rows.__annotations__) == before
    (option,) = Rows.__annotations__["years"].__metadata__
    assert option.rich_help_panel is None
