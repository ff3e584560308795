"""Random effects, spatial errors, serial correlation: which of them are in the errors of a pooled regression."""

import pandas as pd
from scipy.stats import chi2, norm

from yrdspatial.errors import SpecificationError
from yrdspatial.models.diagnosis import Diagnosis, as_table
from yrdspatial.models.error_components import Null
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.specification import Request, read_design, read_weights
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.wald import TestResult, chi2_test
from yrdspatial.panel.panel import Panel
from yrdspatial.weights.series import Weights

ONE_SIDED = "one-sided: the statistic is N(0, 1), a variance cannot be negative"
MIXTURE = "one-sided in the variance: half chi2(1), half chi2(2)"


def bsk_tests(data: Panel | pd.DataFrame, formula: str, *, weights: "Weights") -> pd.DataFrame:
    """Test for random unit effects and spatial errors in a pooled regression (Baltagi, Song and Koh).

    Errors are u_t = mu + v_t, v_t = lambda W_t v_t + e_t.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time).
    formula : str
        Such as ``"log(y) ~ x1 + x2"``, with its constant.
    weights : Graph, WeightsSeries or DataFrame
        W_t, used as given; they may change over time.

    Returns
    -------
    DataFrame
        Columns test, null, statistic, df, pvalue, note. "BSK joint" (chi2) and "BSK joint, one-sided" (a mixture);
        marginal tests "BSK LM1" of the effects (N(0, 1), upper tail) and "BSK LM2" of lambda (chi2); conditional tests
        "BSK LM lambda" allowing for the effects (chi2) and "BSK LM mu" allowing for lambda (N(0, 1), upper tail).

    Notes
    -----
    All are score tests with the expected information, at the maximum likelihood of what is allowed for; for constant W
    they are the closed forms of the paper. The matrices behind them have N rows, whatever T.

    References
    ----------
    Baltagi, Song and Koh (2003), Journal of Econometrics 117.

    Examples
    --------
    >>> import numpy as np
    >>> units, years = [f"u{i:02d}" for i in range(12)], range(2001, 2007)
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> table = (np.roll(np.eye(12), 1, axis=1) + np.roll(np.eye(12), -1, axis=1)) / 2
    >>> rng = np.random.default_rng(1)
    >>> x, e = rng.normal(size=(2, 12, 6))
    >>> y = x + 2.0 * rng.normal(size=(12, 1)) + e
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index)
    >>> found = bsk_tests(data, "y ~ x", weights=pd.DataFrame(table, units, units)).set_index("test")
    >>> (found.loc[["BSK LM mu", "BSK LM lambda"], "pvalue"] < 0.01).tolist()
    [True, False]
    """
    problem, spectra = _read(data, formula, weights)
    ols = Null.of(problem, spectra, (), ("phi", "lam"))
    effects = Null.of(problem, spectra, ("phi",), ("lam",))
    spatial = Null.of(problem, spectra, ("lam",), ("phi",))
    return as_table(
        [
            chi2_test("BSK joint", "no random effects, lambda = 0", ols.test("phi", "lam")[0], 2),
            _joint(ols),
            _upper("BSK LM1", "no random effects, given lambda = 0", ols),
            chi2_test("BSK LM2", "lambda = 0, given no random effects", ols.test("lam")[0], 1),
            chi2_test("BSK LM lambda", "lambda = 0, allowing for random effects", effects.test("lam")[0], 1),
            _upper("BSK LM mu", "no random effects, allowing for lambda", spatial),
        ]
    )


def bsjk_tests(data: Panel | pd.DataFrame, formula: str, *, weights: "Weights") -> pd.DataFrame:
    """Test for random effects, spatial errors and serial correlation (Baltagi, Song, Jung and Koh).

    Errors are u_t = mu + v_t, v_t = lambda W_t v_t + n_t, n_t = psi n_(t-1) + e_t.

    Parameters
    ----------
    data : Panel or DataFrame
        Balanced, indexed (unit, time), with evenly spaced periods.
    formula : str
        Such as ``"log(y) ~ x1 + x2"``, with its constant.
    weights : Graph, WeightsSeries or DataFrame
        W_t, used as given; they may change over time.

    Returns
    -------
    DataFrame
        Columns test, null, statistic, df, pvalue, note: "BSJK J" (joint), "BSJK C.1" (lambda), "BSJK C.2" (psi),
        "BSJK C.3" (random effects, N(0, 1), upper tail), the last three allowing for the other two.

    Notes
    -----
    Score tests with the expected information at the maximum likelihood of what is allowed for. R package splm 1.6-5
    agrees in J; its C.1 to C.3 are not these score tests (one of them is negative on a panel where it should be chi2).

    References
    ----------
    Baltagi, Song, Jung and Koh (2007), Journal of Econometrics 140.

    Examples
    --------
    >>> import numpy as np
    >>> units, years = [f"u{i:02d}" for i in range(12)], range(2001, 2007)
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> table = (np.roll(np.eye(12), 1, axis=1) + np.roll(np.eye(12), -1, axis=1)) / 2
    >>> rng = np.random.default_rng(1)
    >>> x, e = rng.normal(size=(2, 12, 6))
    >>> for t in range(1, 6):
    ...     e[:, t] += 0.8 * e[:, t - 1]
    >>> data = pd.DataFrame({"y": (x + e).ravel(), "x": x.ravel()}, index)
    >>> found = bsjk_tests(data, "y ~ x", weights=pd.DataFrame(table, units, units)).set_index("test")
    >>> bool(found.loc["BSJK C.2", "pvalue"] < 0.01)  # serial correlation, allowing for the others
    True
    """
    problem, spectra = _read(data, formula, weights)
    every = ("phi", "lam", "psi")
    ols = Null.of(problem, spectra, (), every)
    beside = {name: Null.of(problem, spectra, [o for o in every if o != name], (name,)) for name in every}
    return as_table(
        [
            chi2_test("BSJK J", "no random effects, lambda = 0, psi = 0", ols.test(*every)[0], 3),
            chi2_test("BSJK C.1", "lambda = 0, allowing for the others", beside["lam"].test("lam")[0], 1),
            chi2_test("BSJK C.2", "psi = 0, allowing for the others", beside["psi"].test("psi")[0], 1),
            _upper("BSJK C.3", "no random effects, allowing for the others", beside["phi"]),
        ]
    )


def _read(data: Panel | pd.DataFrame, formula: str, weights: Weights) -> tuple[Problem, Spectra]:
    design = read_design(data, Request("OLS", False, False, False, formula, "pooled", {}, None))
    if design.sample.shape[0] < 2:
        raise SpecificationError("random effects need two periods", cure="use lm_tests")
    return design.problem, read_weights(weights, design.sample)


def _upper(test: str, null: str, found: Null) -> TestResult:
    signed = found.test("phi")[1]
    return Diagnosis(test, null, signed, 1, float(norm.sf(signed)), ONE_SIDED)


def _joint(ols: Null) -> TestResult:
    # The effects count only when their score is positive; their score and that of lambda are uncorrelated.
    statistic = max(ols.test("phi")[1], 0.0) ** 2 + ols.test("lam")[0]
    pvalue = 0.5 * float(chi2.sf(statistic, 1) + chi2.sf(statistic, 2))
    return Diagnosis("BSK joint, one-sided", "no random effects, lambda = 0", statistic, 2, pvalue, MIXTURE)
