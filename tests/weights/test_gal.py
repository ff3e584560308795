"""GAL files, all or none."""

import pandas as pd
import pytest

from yrdspatial.errors import OutputError
from yrdspatial.weights.gal import write_gal
from yrdspatial.weights.series import WeightsSeries

TABLE = pd.DataFrame([[0, 1], [1, 0]], ["a", "b"], ["a", "b"])


def test_one_file_a_year(tmp_path):
    paths = write_gal(WeightsSeries({2001: TABLE, 2002: 2 * TABLE}), tmp_path / "new")
    assert [path.name for path in paths] == ["2001.gal", "2002.gal"]
    assert all(path.stat().st_size for path in paths)


def test_a_failure_leaves_nothing(tmp_path):
    class Broken:
        def to_gal(self, _):
            raise OSError(28, "no space left")

    with pytest.raises(OutputError, match="no space left"):
        write_gal({2001: WeightsSeries({2001: TABLE})[2001], 2002: Broken()}, tmp_path)
    assert not list(tmp_path.iterdir())
