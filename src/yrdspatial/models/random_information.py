"""Expected information with random unit effects, from N x N matrices: the covariance is never written out."""

from dataclasses import dataclass

import numpy as np

from yrdspatial.models.covariance import Information, propagators
from yrdspatial.models.filtered import apply_filter
from yrdspatial.models.likelihood import Problem
from yrdspatial.models.within import FloatArray


def crossed(one: FloatArray, two: FloatArray) -> FloatArray:
    """Cross products summed over periods.

    Parameters
    ----------
    one, two : ndarray, shape (T, N, ...)
        Values by period and unit.

    Returns
    -------
    ndarray
        sum_t one_t' two_t.

    Examples
    --------
    >>> crossed(np.ones((3, 2, 1)), np.ones((3, 2, 1))).tolist()
    [[6.0]]
    """
    return np.asarray(np.tensordot(one, two, axes=((0, 1), (0, 1))))


@dataclass(frozen=True)
class Slopes:
    """What moves the variance sigma2 (I + phi A A') of the filtered disturbances.

    With O = I + phi A A' the slope of the variance over sigma2 is G O + O G' for the lag of y (G = B W S^-1 B^-1) and,
    with the unit effects of Kapoor, Kelejian and Prucha, for the error (H = V B^-1); it is H + H' with Baltagi's, whose
    A = B D moves too; A A' for phi; O / sigma2 for sigma2. O^-1 = I - A Q A', Q = phi (I + phi A'A)^-1.

    Attributes
    ----------
    rotating : tuple of ndarray, each shape (T, N, N)
        The G whose slope is G O + O G'.
    plain : tuple of ndarray, each shape (T, N, N)
        The symmetric slopes; they come after the others.
    loading : ndarray, shape (T, N, N)
        A.
    phi, sigma2 : float
        Variances.

    Examples
    --------
    >>> alone = Slopes((), (), np.ones((3, 1, 1)), 0.5, 2.0)  # one unit, three years: variance 2 (I + 1/2 11')
    >>> alone.information().round(3).tolist()
    [[0.72, 0.3], [0.3, 0.375]]
    """

    rotating: tuple[FloatArray, ...]
    plain: tuple[FloatArray, ...]
    loading: FloatArray
    phi: float
    sigma2: float

    def information(self) -> FloatArray:
        """Return 1/2 tr(C^-1 C_i C^-1 C_j), C the variance.

        Returns
        -------
        ndarray, shape (q + 2, q + 2)
            In the order of ``rotating``, ``plain``, phi, sigma2.
        """
        A, q, p = self.loading, len(self.rotating), len(self.plain)
        squared = crossed(A, A)
        R = np.asarray(np.linalg.inv(np.eye(len(squared)) + self.phi * squared), dtype=np.float64)
        out = np.zeros((q + p + 2, q + p + 2))
        for i, one in enumerate(self.rotating):
            for j, two in enumerate(self.rotating[: i + 1]):
                out[i, j] = float((one * two.swapaxes(1, 2)).sum()) + self._turned(one, two, R)
            for j, two in enumerate(self.plain, q):
                out[j, i] = self._inside(one, two, R)
            out[q + p, i] = float(np.trace(R @ crossed(A, one @ A)))
            out[q + p + 1, i] = float(np.trace(one, axis1=1, axis2=2).sum()) / self.sigma2
        for i, one in enumerate(self.plain, q):
            inner = crossed(A, one @ A)
            for j, two in enumerate(self.plain[: i - q + 1], q):
                other = crossed(A, two @ A)
                taken = self.phi**2 * float(((R @ inner @ R) * other).sum()) - self.phi * float(
                    (R * crossed(one @ A, two @ A)).sum()
                )
                out[i, j] = 0.5 * (self._inside(one, two, R) + taken)
            out[q + p, i] = 0.5 * float(((R @ R) * inner).sum())
            whole = float(np.trace(one, axis1=1, axis2=2).sum())
            out[q + p + 1, i] = 0.5 * (whole - self.phi * float((R * inner).sum())) / self.sigma2
        kept = squared @ R
        out[-2, -2] = 0.5 * float((kept * kept.T).sum())
        out[-1, -2] = 0.5 * float(np.trace(kept)) / self.sigma2
        out[-1, -1] = 0.5 * A.shape[0] * A.shape[1] / self.sigma2**2
        return np.asarray(np.tril(out) + np.tril(out, -1).T)

    def _turned(self, one: FloatArray, two: FloatArray, R: FloatArray) -> float:
        # tr(O^-1 G O G') of block-diagonal G.
        A, Q = self.loading, self.phi * R
        sent, other = one @ A, two @ A
        pulled = crossed(one.swapaxes(1, 2) @ A, two.swapaxes(1, 2) @ A)
        plain = float((one * two).sum()) + self.phi * float((sent * other).sum())
        both = self.phi * crossed(A, sent) @ crossed(A, other).T
        return plain - float((Q * (pulled + both)).sum())

    def _inside(self, one: FloatArray, two: FloatArray, R: FloatArray) -> float:
        # tr(O^-1 G S) of block-diagonal G and symmetric S.
        taken = crossed(one.swapaxes(1, 2) @ self.loading, two @ self.loading)
        return float((one * two).sum()) - self.phi * float((R * taken).sum())


def expected_information(
    problem: Problem,
    point: tuple[float, float, float],
    coefficients: tuple[FloatArray, float],
    loading: FloatArray,
) -> Information:
    """Form the expected information of a model with random unit effects.

    Parameters
    ----------
    problem : Problem
        The arrays.
    point : tuple of float
        rho, lambda and phi.
    coefficients : tuple of (ndarray, float)
        beta and sigma2.
    loading : ndarray, shape (T, N, N)
        A.

    Returns
    -------
    Information
        In the order beta, rho, lambda, phi, sigma2.
    """
    (rho, value, phi), (beta, sigma2) = point, coefficients
    rotating, plain, columns = [], [], problem.X
    if problem.lag is not None:
        inner = propagators(problem.lag, rho)[problem.lag.position]
        columns = np.concatenate([problem.X, inner @ (problem.X @ beta)[:, :, None]], axis=2)
        filters = apply_filter(problem, value, np.broadcast_to(np.eye(inner.shape[1]), inner.shape))
        rotating.append(filters @ inner @ np.linalg.inv(filters))
    if problem.error is not None:
        H = propagators(problem.error, value)[problem.error.position]
        if problem.random == "kkp":
            rotating.append(H)
        else:
            plain.append(H + H.swapaxes(1, 2))
    filtered = apply_filter(problem, value, columns)
    pulled, squared = crossed(loading, filtered), crossed(loading, loading)
    taken = pulled.T @ np.linalg.solve(np.eye(len(squared)) + phi * squared, pulled)
    whole = np.zeros((beta.size + len(rotating) + len(plain) + 2,) * 2)
    whole[beta.size :, beta.size :] = Slopes(
        tuple(rotating), tuple(plain), loading, phi, sigma2
    ).information()
    whole[: len(taken), : len(taken)] += (crossed(filtered, filtered) - phi * taken) / sigma2
    return Information(whole, whole)
