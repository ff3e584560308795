"""The robustness tables of the report: the printed cells are the numbers, and the main columns agree."""

import pytest

from yrdspatial.replication.chapters.robustness import head_of, robustness_chapter, row_of
from yrdspatial.replication.exhibits import Exhibit
from yrdspatial.replication.robustness import robustness
from yrdspatial.tables.speech import speaking


@pytest.fixture(scope="module")
def models(study):
    return robustness(study, naming=head_of)


@pytest.fixture(scope="module")
def tables(models):
    parts = robustness_chapter(models).parts
    return {part.key: part for part in parts if isinstance(part, Exhibit)}


@pytest.mark.parametrize("strand", ["employment", "value added"])
@pytest.mark.parametrize("group", ["weights", "windows", "samples"])
def test_the_printed_rho_is_the_number(models, tables, strand, group):
    numbers = models.numbers.query("strand == @strand and group == @group and quantity == 'rho'")
    printed = tables[f"robustness-{strand.replace(' ', '-')}-{group}"].frame.loc["ρ"]
    cells = [cell.rstrip("*").replace("−", "-") for cell in printed]
    assert cells == [f"{value:.3f}" for value in numbers["estimate"]]


def test_the_main_model_stands_in_every_table(tables):
    for strand in ("employment", "value-added"):
        columns = [
            tables[f"robustness-{strand}-weights"].frame["contiguity"],
            tables[f"robustness-{strand}-windows"].frame["contiguity, all years"],
            tables[f"robustness-{strand}-samples"].frame["contiguity, all cities"],
        ]
        terms = ["ρ", "ln GDP per head", "W × ln GDP per head"]
        for column in columns[1:]:
            assert column[terms].tolist() == columns[0][terms].tolist()


def test_all_numbers_are_a_file(models, tables):
    assert tables["robustness-all"].long
    assert tables["robustness-all"].frame is models.numbers


def test_words_in_chinese():
    with speaking("zh"):
        assert head_of("rail, no Shanghai") != "rail, no Shanghai"
        assert row_of("W×log_gdp_head").startswith("W")
        assert "GDP" in row_of("log_gdp_head")
