"""The estimators; each is a choice of spatial terms, read and fitted by ``Model``."""

from yrdspatial.models.model import Model


class OLS(Model):
    """Linear model without spatial terms: y_t = X_t beta + effects + e_t.

    With effects it is the within estimator. ``bias="adjusted"`` divides the sum of squares by the degrees of freedom,
    as a regression does, ``bias="none"`` by N T. Parameters as in :class:`Model`; weights are not needed.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"y": [1.0, 2.0, 2.0, 4.0], "x": [1.0, 2.0, 3.0, 4.0]}, index=list("abcd"))
    >>> round(float(OLS(data, "y ~ x", effects="pooled").fit().params["x"]), 6)
    0.9
    """


class SLX(Model):
    """Spatial lags of X: y_t = X_t beta + W_t X_t theta + effects + e_t.

    Spillovers are local: theta reaches neighbours and no further. Parameters as in :class:`Model`.

    References
    ----------
    Halleck Vega and Elhorst (2015), Journal of Regional Science 55, 339-363.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> units, rng = list("abcdefgh"), np.random.default_rng(3)
    >>> index = pd.MultiIndex.from_product([units, range(2001, 2011)], names=["unit", "year"])
    >>> ring = np.roll(np.eye(8), 1, axis=1) / 2 + np.roll(np.eye(8), -1, axis=1) / 2
    >>> x, e = rng.normal(size=(2, 8, 10))
    >>> y = x + 0.5 * ring @ x + 0.01 * e
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index=index)
    >>> weights = pd.DataFrame(ring, units, units)
    >>> SLX(data, "y ~ x", weights=weights).fit().params.round(1).to_dict()
    {'x': 1.0, 'W_x': 0.5}
    """

    _wx = True


class SAR(Model):
    """Spatial lag model: y_t = rho W_t y_t + X_t beta + effects + e_t.

    Parameters as in :class:`Model`. Spillovers are global, and their ratio to the direct effect is the same for every
    variable.

    Notes
    -----
    With fixed effects the profile score of rho has mean -tr(P G), P the projector on the dummies and
    G = W (I - rho W)^-1. ``fit`` subtracts it and integrates, for any weights: the adjusted profile
    log-likelihood is tr(M ln S) - M0/2 ln(2 pi sigma2) - SSE/(2 sigma2), M = I - P, M0 = N T - rank P,
    S = I - rho W. W_t y_t is formed before anything is demeaned.

    References
    ----------
    Lee and Yu (2010), Journal of Econometrics 154, 165-185, for constant row-standardized W.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> units, years = list("abcdefgh"), range(2001, 2011)
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> rng = np.random.default_rng(3)
    >>> ring = np.roll(np.eye(8), 1, axis=1) / 2 + np.roll(np.eye(8), -1, axis=1) / 2
    >>> x, e = rng.normal(size=(2, 8, 10))
    >>> y = np.linalg.solve(np.eye(8) - 0.5 * ring, x + 0.2 * e)
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index=index)
    >>> results = SAR(data, "y ~ x", weights=pd.DataFrame(ring, units, units)).fit()
    >>> bool(abs(results.params["rho"] - 0.5) < 2 * results.std_errors["rho"])
    True
    """

    _lag = True


class SEM(Model):
    """Spatial error model: y_t = X_t beta + effects + u_t, u_t = lambda W_t u_t + e_t.

    Parameters as in :class:`Model`. There are no spillovers of X; the error is correlated in space.

    Notes
    -----
    ``bias="adjusted"`` maximizes the likelihood of the contrasts that the effects do not touch (restricted maximum
    likelihood): ln|B| - 1/2 ln|D'B'B D| + 1/2 ln|D'D| - M0/2 ln(2 pi sigma2) - SSE/(2 sigma2), B = I - lambda W,
    D the dummies. The effects are filtered as well: B_t 1 and not 1.

    References
    ----------
    Lee and Yu (2010), Journal of Econometrics 154, 165-185, for constant row-standardized W.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> units, rng = list("abcdefgh"), np.random.default_rng(3)
    >>> index = pd.MultiIndex.from_product([units, range(2001, 2011)], names=["unit", "year"])
    >>> ring = np.roll(np.eye(8), 1, axis=1) / 2 + np.roll(np.eye(8), -1, axis=1) / 2
    >>> x, e = rng.normal(size=(2, 8, 10))
    >>> y = x + 0.01 * np.linalg.solve(np.eye(8) - 0.5 * ring, e)
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index=index)
    >>> weights = pd.DataFrame(ring, units, units)
    >>> SEM(data, "y ~ x", weights=weights).fit().params.index.tolist()
    ['x', 'lambda']
    """

    _error = True


class SDM(Model):
    """Spatial Durbin model: y_t = rho W_t y_t + X_t beta + W_t X_t theta + effects + e_t.

    Parameters as in :class:`Model`.

    Notes
    -----
    W_t X_t is the lag of the raw X. Neither theta nor rho is "the spillover": see ``results.impacts()``. The
    adjustment for fixed effects is that of :class:`SAR`.

    References
    ----------
    Elhorst (2014), Spatial Econometrics, chapter 3; LeSage and Pace (2009), section 2.7 on effects.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> units, years = list("abcdefgh"), range(2001, 2011)
    >>> index = pd.MultiIndex.from_product([units, years], names=["unit", "year"])
    >>> rng = np.random.default_rng(3)
    >>> ring = np.roll(np.eye(8), 1, axis=1) / 2 + np.roll(np.eye(8), -1, axis=1) / 2
    >>> x, e = rng.normal(size=(2, 8, 10))
    >>> y = np.linalg.solve(np.eye(8) - 0.5 * ring, x + 0.5 * ring @ x + 0.2 * e)
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index=index)
    >>> results = SDM(data, "y ~ x", weights=pd.DataFrame(ring, units, units)).fit()
    >>> results.params.index.tolist()
    ['x', 'W_x', 'rho']
    >>> results.impacts().table["effect"].tolist()
    ['direct', 'indirect', 'total']
    """

    _lag, _wx = True, True


class SDEM(Model):
    """Spatial Durbin error model: y_t = X_t beta + W_t X_t theta + effects + u_t, u_t = lambda W_t u_t + e_t.

    Parameters as in :class:`Model`; spillovers as in :class:`SLX`, estimation as in :class:`SEM`.

    References
    ----------
    LeSage and Pace (2009), section 2.7; Elhorst (2014), chapter 2.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> units, rng = list("abcdefgh"), np.random.default_rng(3)
    >>> index = pd.MultiIndex.from_product([units, range(2001, 2011)], names=["unit", "year"])
    >>> ring = np.roll(np.eye(8), 1, axis=1) / 2 + np.roll(np.eye(8), -1, axis=1) / 2
    >>> x, e = rng.normal(size=(2, 8, 10))
    >>> y = x + 0.5 * ring @ x + 0.01 * np.linalg.solve(np.eye(8) - 0.5 * ring, e)
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index=index)
    >>> weights = pd.DataFrame(ring, units, units)
    >>> SDEM(data, "y ~ x", weights=weights).fit().params[["x", "W_x"]].round(1).tolist()
    [1.0, 0.5]
    """

    _error, _wx = True, True


class SAC(Model):
    """Lag and error: y_t = rho W_t y_t + X_t beta + effects + u_t, u_t = lambda V_t u_t + e_t (SARAR).

    Parameters as in :class:`Model`. With the same weights in both places rho and lambda are told apart by X alone:
    give the error weights of its own where theory has them.

    Notes
    -----
    ``bias="adjusted"`` solves the two adjusted scores together. Where W_t varies they are the derivatives of no
    function, and there is no log-likelihood to report; standard errors are A^-1 B A^-T.

    References
    ----------
    Lee and Yu (2010), Journal of Econometrics 154, 165-185, for constant row-standardized W.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> units, rng = list("abcdefgh"), np.random.default_rng(3)
    >>> index = pd.MultiIndex.from_product([units, range(2001, 2011)], names=["unit", "year"])
    >>> ring = np.roll(np.eye(8), 1, axis=1) / 2 + np.roll(np.eye(8), -1, axis=1) / 2
    >>> x, e = rng.normal(size=(2, 8, 10))
    >>> y = np.linalg.solve(np.eye(8) - 0.4 * ring, x + 0.01 * e)
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index=index)
    >>> weights = pd.DataFrame(ring, units, units)
    >>> other = weights.loc[units[::2] + units[1::2], units[::2] + units[1::2]].set_axis(units).set_axis(units, axis=1)
    >>> round(float(SAC(data, "y ~ x", weights=weights, error_weights=other).fit().params["rho"]), 1)
    0.4
    """

    _lag, _error = True, True


class GNS(Model):
    """General nesting model: y_t = rho W_t y_t + X_t beta + W_t X_t theta + effects + u_t, u_t = lambda V_t u_t + e_t.

    Parameters as in :class:`Model`; estimation as in :class:`SAC`. It is hardly identified when all weights are the
    same: prefer SDM or SDEM.

    References
    ----------
    Elhorst (2014), chapter 2.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> units, rng = list("abcdefgh"), np.random.default_rng(3)
    >>> index = pd.MultiIndex.from_product([units, range(2001, 2011)], names=["unit", "year"])
    >>> ring = np.roll(np.eye(8), 1, axis=1) / 2 + np.roll(np.eye(8), -1, axis=1) / 2
    >>> x, e = rng.normal(size=(2, 8, 10))
    >>> y = np.linalg.solve(np.eye(8) - 0.4 * ring, x + 0.5 * ring @ x + 0.01 * e)
    >>> data = pd.DataFrame({"y": y.ravel(), "x": x.ravel()}, index=index)
    >>> weights = pd.DataFrame(ring, units, units)
    >>> GNS(data, "y ~ x", weights=weights, effects="unit").fit().params.index.tolist()
    ['x', 'W_x', 'rho', 'lambda']
    """

    _lag, _error, _wx = True, True, True
