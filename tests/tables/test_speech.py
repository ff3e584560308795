"""The language of the report."""

import pytest

from yrdspatial.errors import OutputError
from yrdspatial.tables.speech import LANGUAGE, say, speaking


def test_values_are_filled_in():
    assert say("{n} of {total:.1f}", n=3, total=2.25) == "3 of 2.2"


def test_the_language_holds_inside_the_block_and_no_longer():
    with speaking("zh"):
        assert LANGUAGE.get() == "zh"
        with speaking("en"):
            assert LANGUAGE.get() == "en"
        assert LANGUAGE.get() == "zh"
    assert LANGUAGE.get() == "en"


def test_the_language_is_given_back_after_an_error():
    with pytest.raises(ZeroDivisionError), speaking("zh"):
        _ = 1 / 0
    assert LANGUAGE.get() == "en"


def test_a_language_without_words_is_refused():
    with pytest.raises(OutputError, match="fr"), speaking("fr"):
        pass
