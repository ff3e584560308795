"""The stage as a whole: what it holds, the same twice, and kept and read back to the last bit."""

from dataclasses import fields, is_dataclass

import pandas as pd
import pytest

from yrdspatial.replication.beyond import Beyond, measure_beyond
from yrdspatial.replication.packing import pack_value, unpack_value


@pytest.fixture(scope="module")
def beyond(study):
    return measure_beyond(study, seed=7)


def frames(value, path=""):
    """Every frame with its path."""
    for field in fields(value):
        part = getattr(value, field.name)
        if isinstance(part, pd.DataFrame):
            yield f"{path}{field.name}", part
        elif is_dataclass(part):
            yield from frames(part, f"{path}{field.name}.")


def test_nothing_is_empty_and_no_estimate_is_missing(beyond):
    tables = dict(frames(beyond))
    assert len(tables) >= 15
    for name, table in tables.items():
        assert len(table), name
        for column in {"estimate", "std_error", "pvalue"} & set(map(str, table.columns)):
            assert table[column].notna().all(), (name, column)


def test_kept_and_read_back_it_is_the_same(beyond):
    back = unpack_value(pack_value(beyond))
    assert isinstance(back, Beyond)
    for (name, table), (other, copy) in zip(frames(beyond), frames(back), strict=True):
        assert name == other
        pd.testing.assert_frame_equal(table, copy, check_exact=True)
    assert back.relocation.notes == beyond.relocation.notes
    assert beyond.decay.curves == {}
