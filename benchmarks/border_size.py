"""How often do the border and the rings find what is not there: panels drawn under equal rho on the real weights.

Run ``python benchmarks/border_size.py``; about three minutes; results in ``results/border_size.json``. Each panel is
drawn from the Durbin model free of levels that the data give, regressors, effects and residual variance as estimated,
all rho equal to their mean. A line: how often the Wald test of equal rho rejects at 5 per cent, mean and standard
deviation of each rho, and how often its 95 per cent interval holds the truth.
"""

import argparse
import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import chi2

import yrdspatial as yrd
from yrdspatial.models.model import Model, estimate
from yrdspatial.replication.fits import both_strands, fitted, free_of_levels
from yrdspatial.replication.study import open_study

RESULTS = Path(__file__).parent / "results" / "border_size.json"
SEED = 9


def effects_of(request: Model) -> tuple[np.ndarray, float]:
    """Compute what the fitted model explains without the lags of y, shape (T, N), and the residual variance."""
    results, problem = fitted(request), request.design.problem
    lagged = sum(
        rho * (part.matrices[part.position] @ problem.y[:, :, None])[:, :, 0]
        for rho, part in zip(results.fit.spatial, problem.parts, strict=True)
    )
    return problem.y - results.fit.residuals - lagged, results.sigma2


def rejections(request: Model, draws: int, seed: int) -> dict[str, Any]:
    """Draw panels under equal rho and estimate them."""
    mean, sigma2 = effects_of(request)
    problem, count = request.design.problem, len(request.design.spec.parts)
    rho = np.full(count, fitted(request).fit.spatial.mean())
    S = np.eye(mean.shape[1]) - sum(rho[0] * part.matrices[part.position] for part in problem.parts)
    R, first = np.diff(np.eye(count), axis=0), len(request.design.spec.regressors)
    rng, found = np.random.default_rng(seed), []
    for _ in range(draws):
        noise = np.sqrt(sigma2) * rng.normal(size=mean.shape)
        fit, information = estimate(
            replace(problem, y=np.linalg.solve(S, (mean + noise)[:, :, None])[:, :, 0])
        )
        V = information.covariance()[first : first + count, first : first + count]
        gap = R @ fit.spatial
        wald = gap @ np.linalg.solve(R @ V @ R.T, gap)
        covered = np.abs(fit.spatial - rho) < 1.96 * np.sqrt(np.diag(V))
        found.append([wald > chi2.ppf(0.95, count - 1), *fit.spatial, *covered])
    table = np.array(found)
    return {
        "draws": draws,
        "rho": round(float(rho[0]), 4),
        "rejected": round(float(table[:, 0].mean()), 4),
        "mean": table[:, 1 : 1 + count].mean(axis=0).round(4).tolist(),
        "sd": table[:, 1 : 1 + count].std(axis=0).round(4).tolist(),
        "covered": table[:, 1 + count :].mean(axis=0).round(4).tolist(),
    }


def main() -> None:
    """Draw, estimate, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=300)
    draws = parser.parse_args().draws
    warnings.simplefilter("ignore")
    study = open_study()
    border = yrd.split_weights(study.weights["contiguity"], "province")
    cases = {
        f"{strand.name}, {name}": (strand, weights, count)
        for strand in both_strands(study)
        for name, weights, count in (
            ("border under contiguity", border, draws),
            ("three rings", yrd.ring_weights(study.times), draws // 3),
        )
    }
    found = {
        name: rejections(free_of_levels(yrd.SDM, strand, weights), count, SEED)
        for name, (strand, weights, count) in cases.items()
    }
    RESULTS.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    for name, row in found.items():
        print(name, row)


if __name__ == "__main__":
    main()
