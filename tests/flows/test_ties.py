"""Ties between the parameters of the three lags."""

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from yrdspatial.flows.ties import LAGS, Dependence, filter_of

N = 5


def test_ties():
    product, free = Dependence.of("product"), np.array([0.4, 0.3])
    slope = np.stack([approx_fprime(free, lambda f, r=r: product.rho(f)[r], 1e-7) for r in range(3)])
    np.testing.assert_allclose(product.jacobian(free), slope, atol=1e-6)
    assert Dependence.of("equal").rho(np.array([0.3])).tolist() == [0.3, 0.3, 0.0]
    assert Dependence.of(("network", "origin")).lags == ("origin", "network")
    assert filter_of(np.array([0.1, 0.2, 0.3])).tolist() == [1.0, -0.1, -0.2, -0.3]


def test_product_is_one_filter_after_the_other():
    W = np.random.default_rng(0).random((N, N)) / N
    rho = Dependence.of("product").rho(np.array([0.5, 0.3]))
    eye = np.eye(N)
    A = np.eye(N * N) - sum(
        r * K for r, K in zip(rho, [np.kron(W, eye), np.kron(eye, W), np.kron(W, W)], strict=True)
    )
    np.testing.assert_allclose(A, np.kron(eye - 0.5 * W, eye - 0.3 * W), atol=1e-12)


@pytest.mark.parametrize("which", ["product", "equal", "equal_all", LAGS, ("destination",)])
def test_curvature_is_the_second_derivative_of_a_function_of_rho(which):
    ties = Dependence.of(which)
    free = np.linspace(0.2, 0.4, ties.slope.shape[1])
    direction, square = np.array([1.0, -2.0, 3.0]), np.diag([0.5, 1.5, -1.0])

    def value(point):
        rho = ties.rho(point)
        return direction @ rho + 0.5 * rho @ square @ rho

    rho, jacobian = ties.rho(free), ties.jacobian(free)
    expected = jacobian.T @ square @ jacobian + ties.curvature(direction + square @ rho)
    steps = 1e-4 * np.eye(len(free))
    found = [
        [
            (value(free + a + b) - value(free + a - b) - value(free - a + b) + value(free - a - b)) / 4e-8
            for b in steps
        ]
        for a in steps
    ]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_no_lag():
    none = Dependence.of(())
    assert none.lags == ()
    np.testing.assert_array_equal(none.rho(np.zeros(0)), 0.0)
