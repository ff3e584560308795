"""Coupling coordination: ranges, the wrong forms that must not come out, bounds that do not move."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from yrdspatial.errors import AlignmentError, DataError, SpecificationError
from yrdspatial.integration.coupling import coupling_coordination, entropy_weights, scale_scores

EXAMPLES = json.loads(
    (Path(__file__).parents[1] / "reference" / "measures" / "worked_examples.json").read_text("utf-8")
)
few = settings(max_examples=20, deadline=None, derandomize=True)
systems = arrays(float, (6, 3), elements=st.floats(0.01, 1)).map(
    lambda u: pd.DataFrame(u, columns=list("xyz"))
)


@few
@given(systems)
def test_everything_is_in_unit_interval_and_order_does_not_matter(scores):
    for variant in ("classic", "modified"):
        result = coupling_coordination(scores, variant=variant)
        assert ((result >= 0) & (result <= 1 + 1e-12)).all(axis=None)
        turned = coupling_coordination(scores.iloc[::-1, ::-1], variant=variant)
        np.testing.assert_allclose(turned.loc[scores.index], result, atol=1e-12)
        np.testing.assert_allclose(result["D"] ** 2, result["C"] * result["T"], atol=1e-12)


@few
@given(systems)
def test_formulas_written_out(scores):
    classic = [3 * np.prod(u) ** (1 / 3) / np.sum(u) for u in scores.to_numpy()]
    np.testing.assert_allclose(coupling_coordination(scores, variant="classic")["C"], classic, atol=1e-12)
    modified = [
        np.sqrt(
            (1 - sum(abs(u[i] - u[j]) for i in range(3) for j in range(i)) / 3)
            * np.sqrt(np.prod(u / u.max()))
        )
        for u in scores.to_numpy()
    ]
    np.testing.assert_allclose(coupling_coordination(scores, variant="modified")["C"], modified, atol=1e-12)


def test_the_wrong_forms_do_not_come_out():
    degree = coupling_coordination(pd.DataFrame({"a": [0.8], "b": [0.2]}), variant="classic")["C"].item()
    assert degree == pytest.approx(0.8)
    assert abs(degree - EXAMPLES["CCD_wrong_no2(0.8,0.2)"]) > 0.1
    assert abs(degree - EXAMPLES["CCD_square_variant(0.8,0.2) C=(u1u2/((u1+u2)/2)^2)^2"]) > 0.1


def test_equal_systems_are_fully_coupled():
    even = pd.DataFrame({"a": [0.3, 0.9], "b": [0.3, 0.9]})
    for variant in ("classic", "modified"):
        result = coupling_coordination(even, variant=variant)
        np.testing.assert_allclose(result["C"], 1)
        np.testing.assert_allclose(result["D"], np.sqrt([0.3, 0.9]))


def test_zeros():
    scores = pd.DataFrame({"a": [0.0, 0.0], "b": [0.5, 0.0]}, index=[340100, 310000])
    for variant in ("classic", "modified"):
        result = coupling_coordination(scores, variant=variant)
        assert result.loc[340100, ["C", "D"]].tolist() == [0, 0]
        assert result.loc[310000, ["C", "D"]].isna().all()
        assert result.attrs["notes"] == ("0/0, not defined: Shanghai",)


def test_published_order_of_magnitude():
    # Beijing 2008 in the table of Wang et al. (2021): original C 0.9989, modified 0.9404, with U near (0.26, 0.29)
    scores = pd.DataFrame({"a": [0.26], "b": [0.29]})
    assert coupling_coordination(scores, variant="classic")["C"].item() == pytest.approx(0.9989, abs=1e-3)
    assert coupling_coordination(scores, variant="modified")["C"].item() == pytest.approx(0.9404, abs=2e-2)


def test_weights_of_systems_align_by_label():
    scores = pd.DataFrame({"a": [0.8], "b": [0.2]})
    result = coupling_coordination(scores, variant="classic", weights={"b": 0.25, "a": 0.75})
    assert result["T"].item() == pytest.approx(0.65)
    with pytest.raises(AlignmentError, match="summing to 1"):
        coupling_coordination(scores, variant="classic", weights={"a": 0.5, "b": 0.6})
    with pytest.raises(AlignmentError):
        coupling_coordination(scores, variant="classic", weights={"a": 0.5, "c": 0.5})


def test_a_new_year_does_not_move_the_old_ones():
    old = pd.DataFrame({"x": [1.0, 2.0], "y": [5.0, 3.0]}, index=[2000, 2001])
    new = pd.concat([old, pd.DataFrame({"x": [9.0], "y": [0.5]}, index=[2002])])
    bounds = {"x": (0, 10), "y": (0, 10)}
    first, second = (
        coupling_coordination(scale_scores(frame, bounds, negative=["y"]), variant="classic")
        for frame in (old, new)
    )
    pd.testing.assert_frame_equal(second.loc[old.index], first)


def test_scaling_refuses_what_lies_outside():
    frame = pd.DataFrame({"x": [1.0, 12.0]}, index=[340100, 310000])
    with pytest.raises(DataError, match=r"outside its bounds .Shanghai, x = 12"):
        scale_scores(frame, {"x": (0, 10)})
    with pytest.raises(DataError, match="Hefei"):
        scale_scores(frame.mask(frame == 1.0), {"x": (0, 20)})
    with pytest.raises(SpecificationError, match=r"bound .x"):
        scale_scores(frame, {"y": (0, 1)})
    with pytest.raises(SpecificationError):
        scale_scores(frame, {"x": (3, 3)})


def test_entropy_weights():
    scores = pd.DataFrame({"same": [0.5, 0.5, 0.5], "varies": [0.0, 0.1, 1.0]})
    weights = entropy_weights(scores)["weight"]
    assert weights.to_dict() == pytest.approx({"same": 0.0, "varies": 1.0})
    assert entropy_weights(scores[["same"]])["weight"].isna().all()
    with pytest.raises(DataError, match="1 rows"):
        entropy_weights(scores.iloc[:1])
    with pytest.raises(DataError):
        entropy_weights(scores - 1)


def test_refusals():
    with pytest.raises(DataError, match="one system"):
        coupling_coordination(pd.DataFrame({"a": [0.5]}), variant="classic")
    with pytest.raises(DataError, match=r"in \[0, 1\] .Hefei"):
        coupling_coordination(pd.DataFrame({"a": [1.5], "b": [0.5]}, index=[340100]), variant="classic")
    with pytest.raises(SpecificationError, match="variant=square"):
        coupling_coordination(pd.DataFrame({"a": [0.5], "b": [0.5]}), variant="square")
    with pytest.raises(TypeError):
        coupling_coordination(pd.DataFrame({"a": [0.5], "b": [0.5]}))
