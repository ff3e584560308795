"""Information of random effects against the covariance and its slopes written out."""

import numpy as np
import pytest
from scipy.linalg import block_diag

from yrdspatial.models.random_information import Slopes


@pytest.mark.parametrize(("rotating", "plain"), [(0, 0), (1, 0), (0, 1), (1, 1), (2, 0)])
@pytest.mark.parametrize("phi", [0.0, 0.7])
def test_information_is_that_of_the_covariance_written_out(rotating, plain, phi):
    """1/2 tr(C^-1 C_i C^-1 C_j) of N T x N T matrices, for any blocks."""
    rng, (T, N), sigma2 = np.random.default_rng(1), (4, 5), 1.3
    A = rng.normal(size=(T, N, N))
    turns = [0.3 * rng.normal(size=(T, N, N)) for _ in range(rotating)]
    halves = [rng.normal(size=(T, N, N)) for _ in range(plain)]
    symmetric = [half + half.swapaxes(1, 2) for half in halves]
    loading = A.reshape(T * N, N)
    O = np.eye(T * N) + phi * loading @ loading.T
    slopes = [sigma2 * (block_diag(*G) @ O + O @ block_diag(*G).T) for G in turns]
    slopes += [sigma2 * block_diag(*S) for S in symmetric]
    slopes += [sigma2 * loading @ loading.T, O]
    moved = [np.linalg.solve(sigma2 * O, slope) for slope in slopes]
    expected = np.array([[0.5 * np.trace(one @ two) for two in moved] for one in moved])
    found = Slopes(tuple(turns), tuple(symmetric), A, phi, sigma2).information()
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-10)


def test_without_spatial_parameters_it_is_that_of_the_one_way_model():
    """Var = sigma2 (I + phi J): N/2 (T / (1 + T phi))^2 for phi, N T / 2 sigma2^2, N T / (2 sigma2 (1 + T phi))."""
    T, N, phi, sigma2 = 6, 4, 0.8, 2.0
    A = np.broadcast_to(np.eye(N), (T, N, N))
    found = Slopes((), (), A, phi, sigma2).information()
    share = T / (1 + T * phi)
    expected = [
        [N / 2 * share**2, N * share / (2 * sigma2)],
        [N * share / (2 * sigma2), N * T / (2 * sigma2**2)],
    ]
    assert found == pytest.approx(np.array(expected), rel=1e-12)
