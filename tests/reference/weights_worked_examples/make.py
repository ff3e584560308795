"""Worked examples of spatial weights in plain Python: lists and loops, nothing of the package, no numpy."""

import json
import math
from pathlib import Path

HOURS = [[0, 1, 2], [1, 0, 1.5], [2, 1.5, 0]]
MASS = [100, 50, 25]
GDP = [100, 80, 40]
UNITS = range(3)


def table(weight):
    return [[0.0 if i == j else float(weight(i, j)) for j in UNITS] for i in UNITS]


def by_row(rows):
    return [[value / sum(row) if sum(row) else 0.0 for value in row] for row in rows]


def largest_eigenvalue(rows):
    """Largest root of the characteristic polynomial x^3 - p x - q of a symmetric 3 x 3 table with zero diagonal."""
    (_, a, b), (_, _, c) = rows[0], rows[1]
    p, q = a * a + b * b + c * c, 2 * a * b * c
    return 2 * math.sqrt(p / 3) * math.cos(math.acos(3 * q / (2 * p) * math.sqrt(3 / p)) / 3)


def main():
    inverse = table(lambda i, j: 1 / HOURS[i][j])
    expected = {
        "inverse_1": by_row(inverse),
        "inverse_2": by_row(table(lambda i, j: 1 / HOURS[i][j] ** 2)),
        "exponential_1h": by_row(table(lambda i, j: math.exp(-HOURS[i][j]))),
        "threshold_1h": table(lambda i, j: HOURS[i][j] <= 1),
        "threshold_2h": table(lambda i, j: HOURS[i][j] <= 2),
        "gravity": by_row(table(lambda i, j: MASS[i] * MASS[j] / HOURS[i][j] ** 2)),
        "economic": by_row(table(lambda i, j: 1 / abs(GDP[i] - GDP[j]))),
        "inverse_1_largest_eigenvalue": largest_eigenvalue(inverse),
    }
    target = Path(__file__).with_name("expected.json")
    target.write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
