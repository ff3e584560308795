"""The numeric core of convex combinations of weights: W(a) = a W1 + (1 - a) W2, and the likelihood of a."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.sparse import csr_array
from scipy.stats import chi2

from yrdspatial.errors import EstimationError
from yrdspatial.models.likelihood import Problem, fit_lag
from yrdspatial.models.linear import fit_linear
from yrdspatial.models.model import estimate
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.within import FloatArray

GRID = 41
"""Shares at which the likelihood is looked at first."""


@dataclass(frozen=True)
class Pair:
    """Two weights, by what the periods have of both.

    Attributes
    ----------
    links : tuple of (csr_array, csr_array), D of shape (N, N)
        The distinct pairs.
    position : ndarray of int, shape (T,)
        Which of them each period has.
    """

    links: tuple[tuple[csr_array, csr_array], ...]
    position: "np.ndarray[tuple[int], np.dtype[np.intp]]"

    @classmethod
    def of(cls, first: Spectra, second: Spectra) -> "Pair":
        """Collect the pairs.

        Parameters
        ----------
        first, second : Spectra
            Weights of the same periods.

        Returns
        -------
        Pair
            The distinct pairs.
        """
        codes, position = np.unique(np.stack([first.position, second.position]), axis=1, return_inverse=True)
        links = tuple((first.links[i], second.links[j]) for i, j in codes.T)
        return cls(links, position.ravel().astype(np.intp))

    def at(self, share: float) -> Spectra:
        """Mix the two.

        Parameters
        ----------
        share : float
            Share of the first.

        Returns
        -------
        Spectra
            share W1 + (1 - share) W2.
        """
        mixed = [csr_array(share * one + (1.0 - share) * two) for one, two in self.links]
        for matrix in mixed:
            matrix.eliminate_zeros()
        return Spectra.of(mixed, self.position)

    def equal_sums(self) -> bool:
        """Say whether all rows of both weights have one sum in each period, so that time effects commute with both.

        Returns
        -------
        bool
            Whether they do.
        """
        sums = [np.concatenate([one.sum(axis=1) for one in pair]) for pair in self.links]
        return all(bool(np.allclose(one, one[0])) for one in sums)


@dataclass(frozen=True)
class Mixture:
    """A model whose weights are a mixture.

    Attributes
    ----------
    first, second : Problem
        The model under each weights.
    weights : Pair
        The two.
    """

    first: Problem
    second: Problem
    weights: Pair

    def at(self, share: float) -> Problem:
        """Return the model at a share.

        Parameters
        ----------
        share : float
            Share of the first weights.

        Returns
        -------
        Problem
            Its arrays: W X is linear in the share as well.
        """
        mixed = self.weights.at(share)
        return replace(
            self.first,
            X=share * self.first.X + (1.0 - share) * self.second.X,
            lag=mixed if self.first.lag is not None else None,
            error=mixed if self.first.error is not None else None,
        )

    def loglik(self, share: float) -> float:
        """Return the log-likelihood with everything but the share maximized out.

        Parameters
        ----------
        share : float
            Share of the first weights.

        Returns
        -------
        float
            The profile log-likelihood.

        Raises
        ------
        EstimationError
            If the model has none.
        """
        problem = self.at(share)
        if problem.error is not None:
            fit = estimate(problem)[0]
        else:
            fit = fit_linear(problem) if problem.lag is None else fit_lag(problem)
        if fit.loglik is None:
            raise EstimationError("the model has no log-likelihood", cure='use bias="none"')
        return fit.loglik


@dataclass(frozen=True)
class Profile:
    """The profile log-likelihood of a share.

    Attributes
    ----------
    shares, logliks : ndarray, shape (m,)
        The grid.
    best : float
        The maximum over [0, 1].
    peak : float
        Its log-likelihood.
    function : callable
        The profile log-likelihood.
    """

    shares: FloatArray
    logliks: FloatArray
    best: float
    peak: float
    function: Callable[[float], float]

    @classmethod
    def of(cls, function: Callable[[float], float], grid: int = GRID) -> "Profile":
        """Look at a grid and refine round its highest point.

        Parameters
        ----------
        function : callable
            The profile log-likelihood on [0, 1].
        grid : int
            Points.

        Returns
        -------
        Profile
            Grid and maximum.

        Examples
        --------
        >>> found = Profile.of(lambda share: -100.0 * (share - 0.3) ** 2)
        >>> round(found.best, 6), [round(end, 4) for end in found.interval(0.95)]
        (0.3, [0.1614, 0.4386])
        """
        shares = np.linspace(0.0, 1.0, grid)
        logliks = np.array([function(float(one)) for one in shares])
        top = int(logliks.argmax())
        best, peak = float(shares[top]), float(logliks[top])
        around = (float(shares[max(top - 1, 0)]), float(shares[min(top + 1, grid - 1)]))
        found = minimize_scalar(
            lambda share: -function(float(share)), bounds=around, method="bounded", options={"xatol": 1e-6}
        )
        if -float(found.fun) > peak:
            best, peak = float(found.x), -float(found.fun)
        return cls(shares, logliks, best, peak, function)

    def _above(self, fall: float) -> FloatArray:
        shares = np.append(self.shares, self.best)
        return np.sort(shares[np.append(self.logliks, self.peak) >= self.peak - fall])

    def interval(self, level: float) -> tuple[float, float]:
        """Find the shares whose log-likelihood is within half a quantile of chi2(1) of the maximum.

        Parameters
        ----------
        level : float
            Coverage.

        Returns
        -------
        lower, upper : float
            From the lowest to the highest of them; an end of [0, 1] where the likelihood does not fall enough.
        """
        fall = 0.5 * float(chi2.ppf(level, 1))
        inside = self._above(fall)
        ends = []
        for end, side in ((float(inside[0]), -1), (float(inside[-1]), 1)):
            beyond = self.shares[self.shares < end][-1:] if side < 0 else self.shares[self.shares > end][:1]
            if not beyond.size:
                ends.append(end)
                continue
            ends.append(
                float(
                    brentq(
                        lambda share: self.function(share) - self.peak + fall,
                        end,
                        float(beyond[0]),
                        xtol=1e-6,
                    )
                )
            )
        return ends[0], ends[1]

    def connected(self, level: float) -> bool:
        """Say whether the interval has no hole on the grid.

        Parameters
        ----------
        level : float
            Coverage.

        Returns
        -------
        bool
            False when a share between two of the interval is outside it.
        """
        inside = self.logliks >= self.peak - 0.5 * float(chi2.ppf(level, 1))
        return int(np.abs(np.diff(inside.astype(int))).sum()) <= 2 - int(inside[0]) - int(inside[-1])
