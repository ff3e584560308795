"""A model from its file gives what the fitted one gives, to the bit; files that were tampered with are refused."""

import io
import json
import pickle
import zipfile

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

import yrdspatial as yrd
from yrdspatial.errors import DataError, OutputError
from yrdspatial.models.storage import HEAD, LIMIT

pytestmark = pytest.mark.filterwarnings("ignore::yrdspatial.errors.WeakIdentificationWarning")

CASES = {
    "OLS": ("OLS", {}, {}),
    "OLS pooled": ("OLS", {"effects": "pooled"}, {"cov_type": "robust"}),
    "SLX": ("SLX", {"effects": "unit"}, {"cov_type": "driscoll-kraay", "lags": 1}),
    "SAR": ("SAR", {}, {}),
    "SAR by window": ("SAR", {"effects": {"unit": "window", "time": "region"}}, {}),
    "SDM": ("SDM", {"durbin": ["x1"]}, {"bias": "none", "cov_type": "observed"}),
    "SEM": ("SEM", {"effects": "time"}, {}),
    "SDEM": ("SDEM", {}, {"cov_type": "cluster"}),
    "SAC": ("SAC", {}, {}),
    "GNS": ("GNS", {"effects": "pooled"}, {}),
    "random": ("SEM", {"effects": "random"}, {}),
    "random lag": ("SAC", {"effects": "random_kkp"}, {}),
    "mundlak": ("SEM", {"effects": "mundlak"}, {}),
    "dynamic": ("SDM", {"dynamic": ("y", "Wy")}, {}),
}


def fitted(simulated, model, options, how):
    return getattr(yrd, model)(simulated.data, "y ~ x1 + x2", weights=simulated.weights, **options).fit(**how)


def same(found, expected):
    """Compare tables or series to the last bit, labels and names included."""
    kind = (
        pd.testing.assert_series_equal if isinstance(expected, pd.Series) else pd.testing.assert_frame_equal
    )
    kind(found, expected, check_exact=True)


@pytest.mark.parametrize("name", CASES)
def test_a_loaded_model_gives_the_same(panel, tmp_path, name):
    results = fitted(panel(), *CASES[name])
    again = yrd.load_results(results.save(tmp_path / "deep" / "model.zip"))
    for attribute in ("params", "cov", "std_errors", "pvalues", "optimum", "resids", "fitted_values"):
        same(getattr(again, attribute), getattr(results, attribute))
    assert (again.spec, again.cov_type, again.bias) == (results.spec, results.cov_type, results.bias)
    assert (again.nobs, again.sigma2, again.warnings) == (results.nobs, results.sigma2, results.warnings)
    assert str(again.summary) == str(results.summary)
    assert again.summary._repr_html_() == results.summary._repr_html_()
    same(again.to_frame(), results.to_frame())
    assert again.wald_test("x1 = 0") == results.wald_test("x1 = 0")
    same(again.impacts().table, results.impacts().table)
    drawn = {"method": "simulation", "draws": 50, "seed": 4, "by": "year"}
    same(again.impacts(**drawn).table, results.impacts(**drawn).table)
    assert str(yrd.compare({"a": again})) == str(yrd.compare({"a": results}))


def test_effects_and_spillovers_of_a_loaded_model(panel, tmp_path):
    results = fitted(panel(), "SAR", {"effects": {"unit": "window", "time": "region"}}, {})
    again = yrd.load_results(results.save(tmp_path / "model.zip"))
    same(again.unit_effects, results.unit_effects)
    same(again.time_effects, results.time_effects)
    same(yrd.effect_matrix(again, "x1", year=2003), yrd.effect_matrix(results, "x1", year=2003))
    assert again.profile_interval() == results.profile_interval()
    full = fitted(panel(), "SDM", {"effects": {"unit": "window", "time": "region"}}, {})
    assert yrd.likelihood_ratio(again, full) == yrd.likelihood_ratio(results, full)


def test_border_models(panel, tmp_path):
    simulated = panel()
    parts = yrd.split_weights(simulated.weights, simulated.data["region"].groupby(level="unit").first())
    results = yrd.SDM(simulated.data, "y ~ x1", weights=parts).fit()
    again = yrd.load_results(results.save(tmp_path / "border.zip"))
    same(again.to_frame(), results.to_frame())
    equal = "rho_within = rho_across"
    assert again.wald_test(equal) == results.wald_test(equal)
    drawn = {"method": "simulation", "draws": 30, "seed": 2}
    same(again.impacts(**drawn).table, results.impacts(**drawn).table)


def test_long_run_effects_of_a_loaded_model(panel, tmp_path):
    results = fitted(panel(), "SAR", {"dynamic": "y"}, {})
    again = yrd.load_results(results.save(tmp_path / "dynamic.zip"))
    same(again.stability, results.stability)
    same(again.impacts(horizon="long").table, results.impacts(horizon="long").table)


@pytest.mark.parametrize("method", ["ols", "gm_lag", "gm_error", "ml_lag", "ml_error"])
def test_cross_sections_are_saved_too(panel, tmp_path, method):
    simulated = panel("constant", units=30)
    data = simulated.data.xs(2001, level="year")
    results = yrd.cross_section(data, "y ~ x1", weights=simulated.weights.take([2001]), method=method)
    again = yrd.load_results(results.save(tmp_path / "one.zip"))
    same(again.to_frame(), results.to_frame())
    same(again.resids, results.resids)
    same(again.impacts().table, results.impacts().table)
    pd.testing.assert_frame_equal(again.diagnostics, results.diagnostics)


def test_sparse_weights_are_saved_as_they_are(tmp_path):
    rng = np.random.default_rng(6)
    units = [f"u{place:03d}" for place in range(600)]
    links = csr_array(np.roll(np.eye(600), 1, axis=1) / 2 + np.roll(np.eye(600), -1, axis=1) / 2)
    weights = yrd.WeightsSeries.from_matrices(dict.fromkeys(range(2001, 2004), links), pd.Index(units))
    index = pd.MultiIndex.from_product([units, range(2001, 2004)], names=["unit", "year"])
    x = rng.normal(size=(1800, 2))
    data = pd.DataFrame({"y": x.sum(axis=1), "x1": x[:, 0], "x2": rng.normal(size=1800)}, index)
    results = yrd.SAR(data, "y ~ x1 + x2", weights=weights).fit()
    again = yrd.load_results(results.save(tmp_path / "sparse.zip"))
    assert isinstance(again.design.problem.lag.source, tuple)
    same(again.to_frame(), results.to_frame())
    same(again.impacts().table, results.impacts().table)
    assert str(again.summary) == str(results.summary)


def test_dates_and_shuffled_rows_keep_their_order(panel, tmp_path):
    simulated = panel("constant")
    frame = simulated.data.reset_index()
    frame["year"] = pd.to_datetime(frame["year"].astype(str))
    data = frame.set_index(["unit", "year"]).sample(frac=1, random_state=3)
    weights = pd.DataFrame(simulated.arrays["weights"][0], simulated.weights.units, simulated.weights.units)
    results = yrd.SAR(data, "y ~ x1", weights=weights).fit()
    again = yrd.load_results(results.save(tmp_path / "dates.zip"))
    same(again.resids, results.resids)
    assert again.resids.index.equals(data.index)


def test_the_users_table_is_not_in_the_file(panel, tmp_path):
    simulated = panel()
    data = simulated.data.assign(secret=["hidden words"] * len(simulated.data))
    path = yrd.SAR(data, "y ~ x1", weights=simulated.weights).fit().save(tmp_path / "model.zip")
    with zipfile.ZipFile(path) as archive:
        text = archive.read(HEAD).decode()
    assert "hidden" not in text
    assert "secret" not in text


def test_the_same_model_gives_the_same_bytes(panel, tmp_path):
    paths = [fitted(panel(), "SDM", {}, {}).save(tmp_path / f"{n}.zip") for n in range(2)]
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.fixture
def file(panel, tmp_path):
    return fitted(panel(), "SDM", {}, {}).save(tmp_path / "model.zip")


def rewritten(file, change, *, extra=()):
    """Write the file again with its parts changed by a function."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    head = json.loads(parts[HEAD])
    change(head, parts)
    parts[HEAD] = json.dumps(head).encode()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in [*parts.items(), *extra]:
            archive.writestr(name, data)
    return file


def packed(array):
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def replaced(array, *, honest):
    """Put another array in the place of y, with or without its description."""

    def change(head, parts):
        import hashlib

        name = head["fields"]["design"]["fields"]["problem"]["fields"]["y"]["$array"]
        data = packed(array)
        parts[f"arrays/{name}.npy"] = data
        if honest:
            said = {"shape": list(array.shape), "dtype": array.dtype.str}
            head["arrays"][name] = said | {"sha256": hashlib.sha256(data).hexdigest()}

    return change


def set_at(*path, value):
    def change(head, _):
        place = head
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


DESIGN = ("fields", "design", "fields")
TAMPERED = {
    "version": (set_at("version", value=2), "of version 2"),
    "no version": (set_at("version", value=None), "of version None"),
    "format": (set_at("format", value="other"), "holds no fitted model"),
    "class": (set_at("class", value="subprocess.Popen"), "no model known here"),
    "no fields": (set_at("fields", value=[]), "lacks its parts"),
    "array names": (set_at("arrays", value={"../../evil": {}}), "lacks its parts"),
    "fewer fields": (set_at("fields", value={}), "other fields"),
    "more fields": (set_at("fields", "color", value=1), "color"),
    "foreign part": (set_at(*DESIGN, "sample", "$kind", value="Popen"), "no part of a model"),
    "no design": (set_at("fields", "design", value=None), "make no model"),
    "array of nothing": (set_at("fields", "covariance", value={"$array": "999"}), "make no model"),
    "covariance": (set_at("fields", "covariance", value={"$array": "0"}), "do not fit together"),
    "terms": (set_at(*DESIGN, "spec", "fields", "terms", value={"$tuple": ["x1"]}), "do not fit together"),
    "warnings": (set_at("fields", "warnings", value={"$eval": "1"}), "no known form"),
    "values": (replaced(np.zeros((6, 14)), honest=False), "not the one that was saved"),
    "shape": (replaced(np.zeros((6, 13)), honest=True), "do not fit together"),
    "objects": (replaced(np.array([print]), honest=False), "cannot be read"),
    "no array": (lambda _, parts: parts.update({"arrays/0.npy": b"not an array"}), "cannot be read"),
    "lost array": (lambda _, parts: parts.pop("arrays/0.npy"), "other parts than it says"),
}


@pytest.mark.parametrize(("change", "words"), TAMPERED.values(), ids=TAMPERED)
def test_a_tampered_file_is_refused(file, change, words):
    with pytest.raises(DataError, match=words) as caught:
        yrd.load_results(rewritten(file, change))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["../evil.npy", "/evil.npy", "arrays/../../evil", "note.txt"])
def test_other_members_are_refused_and_nothing_is_unpacked(file, tmp_path, name):
    with pytest.raises(DataError, match="other parts than it says"):
        yrd.load_results(rewritten(file, lambda *_: None, extra=[(name, b"x")]))
    assert [path.name for path in tmp_path.iterdir()] == ["model.zip"]


@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
def test_a_member_twice_is_refused(file):
    with pytest.raises(DataError, match="a name twice"):
        yrd.load_results(rewritten(file, lambda *_: None, extra=[("arrays/0.npy", b"x")]))


def misplaced(part, where):
    """Point a period or row to a place that is not there."""

    def change(head, parts):
        import hashlib

        place = head["fields"]["design"]["fields"]
        for key in where:
            place = place[key]["fields"]
        name = place[part]["$array"]
        data = parts[f"arrays/{name}.npy"]
        array = np.load(io.BytesIO(data))
        array[0] = 99 if part != "order" else array[1]
        parts[f"arrays/{name}.npy"] = packed(array)
        head["arrays"][name]["sha256"] = hashlib.sha256(packed(array)).hexdigest()

    return change


@pytest.mark.parametrize(
    ("part", "where"),
    [("position", ["problem", "lag"]), ("windows", ["problem", "effects"]), ("order", ["sample"])],
)
def test_places_that_do_not_exist_are_refused(file, part, where):
    with pytest.raises(DataError, match="do not fit together"):
        yrd.load_results(rewritten(file, misplaced(part, where)))


def test_files_of_other_kinds_are_refused(tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        yrd.load_results(tmp_path / "none.zip")
    with pytest.raises(DataError, match="cannot be read as a fitted model"):
        yrd.load_results(tmp_path)
    (tmp_path / "model.pkl").write_bytes(pickle.dumps({"a": 1}))
    with pytest.raises(DataError, match="cannot be read as a fitted model"):
        yrd.load_results(tmp_path / "model.pkl")
    with zipfile.ZipFile(tmp_path / "word.docx", "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    with pytest.raises(DataError, match="holds no fitted model"):
        yrd.load_results(tmp_path / "word.docx")


@pytest.mark.parametrize("text", [b"{", b"[]", b"\xff"])
def test_a_broken_head_is_refused(tmp_path, text):
    with zipfile.ZipFile(tmp_path / "model.zip", "w") as archive:
        archive.writestr(HEAD, text)
    with pytest.raises(DataError, match=r"is no JSON|holds no fitted model"):
        yrd.load_results(tmp_path / "model.zip")


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.99])
def test_half_a_file_is_refused(file, cut):
    content = file.read_bytes()
    file.write_bytes(content[: int(cut * len(content))])
    with pytest.raises(DataError, match="cannot be read"):
        yrd.load_results(file)


def test_a_file_that_would_fill_the_memory_is_refused(file, monkeypatch):
    monkeypatch.setattr("yrdspatial.models.storage.LIMIT", 1000)
    assert LIMIT > 1000
    with pytest.raises(DataError, match="too large"):
        yrd.load_results(file)


def test_a_place_that_cannot_be_written_is_an_error_and_leaves_nothing(panel, tmp_path):
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(OutputError, match="cannot be written"):
        fitted(panel(), "OLS", {}, {}).save(tmp_path / "file" / "model.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_labels_that_cannot_be_saved_are_an_error_and_leave_nothing(panel, tmp_path):
    frame = panel().data.reset_index()
    frame["unit"] = pd.arrays.IntervalArray.from_breaks(range(15))[frame["unit"].str[1:].astype(int)]
    results = yrd.OLS(frame.set_index(["unit", "year"]), "y ~ x1").fit()
    with pytest.raises(OutputError, match="labels of type interval"):
        results.save(tmp_path / "model.zip")
    assert list(tmp_path.iterdir()) == []
