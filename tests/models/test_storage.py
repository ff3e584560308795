"""The file of a fitted model: its parts, and that it says what they are."""

import hashlib
import io
import json
import zipfile

import numpy as np
import pytest

import yrdspatial as yrd
from yrdspatial.errors import DataError
from yrdspatial.models.storage import FORMAT, HEAD, VERSION, read_results, write_results


@pytest.fixture
def results(panel):
    simulated = panel()
    return yrd.SAR(simulated.data, "y ~ x1 + x2", weights=simulated.weights).fit()


def test_the_file_is_json_and_plain_arrays(results, tmp_path):
    path = write_results(results, tmp_path / "sar.zip")
    with zipfile.ZipFile(path) as archive:
        head = json.loads(archive.read(HEAD))
        assert (head["format"], head["version"], head["class"]) == (FORMAT, VERSION, "SpatialPanelResults")
        assert set(archive.namelist()) == {HEAD, *(f"arrays/{name}.npy" for name in head["arrays"])}
        for name, said in head["arrays"].items():
            data = archive.read(f"arrays/{name}.npy")
            array = np.load(io.BytesIO(data), allow_pickle=False)
            assert list(array.shape) == said["shape"]
            assert array.dtype.str == said["dtype"]
            assert hashlib.sha256(data).hexdigest() == said["sha256"]
        assert archive.infolist()[0].date_time[0] == 1980
    assert head["fields"]["design"]["fields"]["spec"]["fields"]["formula"] == "y ~ x1 + x2"


def test_what_is_written_is_read(results, tmp_path):
    head, arrays = read_results(write_results(results, tmp_path / "sar.zip"))
    place = head["fields"]["design"]["fields"]["problem"]["fields"]["y"]["$array"]
    np.testing.assert_array_equal(arrays[place], results.design.problem.y)


def test_saving_changes_nothing_in_the_model(results, tmp_path):
    before = list(results.design.sample.frame.columns)
    results.save(tmp_path / "sar.zip")
    assert list(results.design.sample.frame.columns) == before


def test_no_file_is_an_error_with_its_cure(tmp_path):
    with pytest.raises(DataError, match=r"there is no such file \[.*\]: results.save"):
        read_results(tmp_path / "none.zip")
