"""The Chinese catalogue: whatever the report can say has its Chinese, with the same places, in letters of the font."""

import ast
import importlib
import re
import string
import tomllib
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from yrdspatial.datasets import dataset_path, list_datasets, read_table
from yrdspatial.panel.panel import load_panel
from yrdspatial.tables.speech import catalogue, listed, say, speaking, term

SRC = Path(__file__).parents[2] / "src"
PARTS = tomllib.loads((SRC / "yrdspatial/tables/chinese.toml").read_text("utf-8"))
WORDS = {english for name, part in PARTS.items() if name.startswith("words") for english in part}
SAID = {
    english for name, part in PARTS.items() if not name.startswith(("words", "patterns")) for english in part
}
NOT_IN_NOTO = "ᵢⱼ"  # of one note under a table: the browser has them, no figure draws them


def texts_in(value):
    """Collect the texts of a constant: a text, or a mapping or sequence of texts at any depth."""
    if isinstance(value, str):
        return {value}
    parts = value.values() if isinstance(value, dict) else value
    return set().union(*map(texts_in, parts))


def texts_of(node, module):
    """Collect what may stand as the first argument of `say`: a literal, or a constant of the module."""
    if isinstance(node, ast.Constant):
        return {node.value}
    while isinstance(node, ast.Subscript):
        node = node.value
    assert isinstance(node, ast.Name), f"{module}, line {node.lineno}: say a literal or a constant"
    return texts_in(getattr(importlib.import_module(module), node.id))


def said_in_python(path):
    module = ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    said = [node for node in calls if isinstance(node.func, ast.Name) and node.func.id == "say"]
    return set().union(*[texts_of(node.args[0], module) for node in said])


def said_in_templates():
    files = [
        path for path in (SRC / "yrdspatial/report/templates").iterdir() if path.suffix in {".j2", ".js"}
    ]
    return {text for path in files for text in re.findall(r'\bsay\("([^"]+)"', path.read_text("utf-8"))}


def places(template):
    """List the places of a template with their formats."""
    return {(name, spec) for _, name, spec, _ in string.Formatter().parse(template) if name is not None}


@pytest.fixture(scope="module")
def said():
    return set().union(said_in_templates(), *map(said_in_python, sorted(SRC.rglob("*.py"))))


@pytest.fixture(scope="module")
def literals():
    """Every text that stands in the code, or in a table of the data that the report shows."""
    trees = [ast.parse(path.read_text("utf-8")) for path in SRC.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    code = {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    names = {node.arg for node in nodes if isinstance(node, ast.keyword) and node.arg}
    heads = {text.replace("_", " ") for text in (*code, *names)}
    tables = [read_table(f"claims/{name}.csv") for name in ("claims", "defects")]
    tables += [list_datasets(), read_table("panels/breaks.csv"), load_panel().flags.astype(object)]
    cells = {cell for table in tables for column in table for cell in table[column].astype(str).unique()}
    return code | names | heads | cells | {name for table in tables for name in table.columns}


def test_everything_said_has_its_chinese(said):
    assert sorted(said - set(catalogue())) == []


def test_nothing_stands_in_the_catalogue_that_nobody_says(said):
    assert sorted(SAID - said) == []


def test_no_english_stands_twice():
    assert len(catalogue()) + len(PARTS["patterns"]) == sum(len(part) for part in PARTS.values())


def marks(text):
    """Count what must be the same in both languages: places, links, bold and code."""
    return places(text), re.findall(r"\[\[.*?\]\]", text), text.count("**"), text.count("`")


def test_the_chinese_has_the_places_and_marks_of_the_english():
    pairs = {**catalogue(), **PARTS["patterns"]}
    assert {english: chinese for english, chinese in pairs.items() if marks(chinese) != marks(english)} == {}


def test_every_letter_is_in_the_font():
    drawn = TTFont(dataset_path("fonts/yrd-sans-sc.otf")).getBestCmap()
    letters = set("".join(chinese for part in PARTS.values() for chinese in part.values()))
    assert sorted(letter for letter in letters if ord(letter) not in drawn) == sorted(NOT_IN_NOTO)


def test_chinese_has_the_marks_of_chinese():
    half = re.compile(r"[一-鿿][,;:?!(]|[,;:?!)][一-鿿]")
    assert [chinese for part in PARTS.values() for chinese in part.values() if half.search(chinese)] == []


def test_every_word_stands_in_the_code_or_in_the_data(literals):
    assert sorted(WORDS - literals) == []


def test_every_pattern_has_a_sentence_made_elsewhere(literals):
    pieces = {max(re.split(r"\{\w+\}", english), key=len).strip(" :;") for english in PARTS["patterns"]}
    assert {piece for piece in pieces if not any(piece in str(text) for text in literals)} == set()


def test_a_sentence_is_said_in_chinese():
    with speaking("zh"):
        assert term("employment, without 2015") == "就业，剔除2015年"
        assert (
            term("scope: Lu'an 2011-2013: the reporting scope jumps")
            == "填报范围：六安2011—2013年：填报范围跳变"
        )
        assert say("Figure {number}", number=3) == "图 3"
        assert term("year") == "年份"
        assert listed(["上海", "苏州"]) == "上海、苏州"
        assert say("{nobody} says this", nobody="Who") == "Who says this"
