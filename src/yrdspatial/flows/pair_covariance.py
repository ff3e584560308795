"""Covariances for pairs: who shares an origin, a destination or any unit is not independent."""

from typing import Literal

import numpy as np

from yrdspatial.models.within import FloatArray

PairCovariance = Literal["robust", "pair", "origin", "destination", "two-way", "dyadic"]
KINDS = ("robust", "pair", "origin", "destination", "two-way", "dyadic")


def sandwich(scores: FloatArray, bread: FloatArray, kind: PairCovariance) -> tuple[FloatArray, int]:
    """Give the covariance of slopes from the scores of pairs.

    Parameters
    ----------
    scores : ndarray, shape (T, N, N, k)
        By year, origin and destination; zero for pairs that are not used.
    bread : ndarray, shape (k, k)
        Inverse of the (negative) slope of the scores.
    kind : {"robust", "pair", "origin", "destination", "two-way", "dyadic"}
        "robust": pairs of every year are independent; "pair": the years of a pair are not; "origin", "destination": one
        way; "two-way": origin plus destination less pair; "dyadic": pairs that share any unit, on whichever side.

    Returns
    -------
    covariance : ndarray, shape (k, k)
        Negative eigenvalues, which differences of cluster sums may have, are set to zero.
    degrees : int
        Of Student's t: the clusters less one; for "robust" and "pair", the pairs less the slopes.

    Notes
    -----
    Cluster sums are scaled by G / (G - 1), G the (smaller) number of clusters; "robust" and "pair" are not scaled.

    References
    ----------
    Cameron, Gelbach and Miller (2011), Journal of Business and Economic Statistics 29, 238-249; Aronow, Samii and
    Assenova (2015), Political Analysis 23, 564-577.

    Examples
    --------
    >>> scores = np.array([[[0.0, 1.0], [2.0, 0.0]]])[..., None]
    >>> [sandwich(scores, np.eye(1), kind)[0].item() for kind in ("robust", "origin", "dyadic")]
    [5.0, 10.0, 18.0]
    """
    alive = np.abs(scores).sum(axis=(0, 3)) > 0
    counts = int(alive.any(axis=1).sum()), int(alive.any(axis=0).sum())
    by_pair = scores.sum(axis=0)
    parts = {
        "origin": (_squared(by_pair.sum(axis=1)), counts[0]),
        "destination": (_squared(by_pair.sum(axis=0)), counts[1]),
    }
    if kind in {"robust", "pair"}:
        meat = _squared((scores if kind == "robust" else by_pair).reshape(-1, scores.shape[3]))
        used = np.abs(scores).sum(axis=3) > 0 if kind == "robust" else alive
        return bread @ meat @ bread, int(used.sum()) - len(bread)
    if kind == "two-way":
        meat = parts["origin"][0] + parts["destination"][0] - _squared(by_pair.reshape(-1, len(bread)))
        clusters = min(counts)
    elif kind == "dyadic":
        meat, clusters = _dyadic(by_pair), int((alive.any(axis=0) | alive.any(axis=1)).sum())
    else:
        meat, clusters = parts[kind]
    return _nonnegative(bread @ meat @ bread * clusters / (clusters - 1)), clusters - 1


def _squared(sums: FloatArray) -> FloatArray:
    return np.asarray(sums.T @ sums, dtype=np.float64)


def _dyadic(by_pair: FloatArray) -> FloatArray:
    own = np.diagonal(by_pair).T
    members = by_pair.sum(axis=0) + by_pair.sum(axis=1) - own
    both = by_pair + by_pair.transpose(1, 0, 2)
    upper = np.triu_indices(len(by_pair), 1)
    return _squared(members) - _squared(both[upper])


def _nonnegative(covariance: FloatArray) -> FloatArray:
    roots, vectors = np.linalg.eigh(0.5 * (covariance + covariance.T))
    return np.asarray((vectors * np.maximum(roots, 0.0)) @ vectors.T, dtype=np.float64)
