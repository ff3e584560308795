"""Spatial autocorrelation in plain loops over named places; see README.md.

``y`` maps places to numbers (or kinds), ``w`` maps pairs (place, neighbour) to weights; a pair that is not there has
weight zero.
"""

import itertools
import math


def mean(values):
    values = list(values)
    return math.fsum(values) / len(values)


def variance(values):
    values = list(values)
    centre = mean(values)
    return math.fsum((value - centre) ** 2 for value in values) / len(values)


def deviations(y):
    centre = mean(y.values())
    return {place: value - centre for place, value in y.items()}


def square(y):
    return math.fsum(value**2 for value in deviations(y).values())


def neighbours(w, place):
    return {other: weight for (own, other), weight in w.items() if own == place}


def lag(y, w, place):
    return math.fsum(weight * y[other] for other, weight in neighbours(w, place).items())


def weight_sums(places, w):
    """S0, S1, S2 of Cliff and Ord (1981), section 1.4."""
    s0 = math.fsum(w.values())
    pairs = set(w) | {(j, i) for i, j in w}
    s1 = math.fsum((w.get((i, j), 0.0) + w.get((j, i), 0.0)) ** 2 for i, j in pairs) / 2
    given = {p: math.fsum(weight for (i, _), weight in w.items() if i == p) for p in places}
    taken = {p: math.fsum(weight for (_, j), weight in w.items() if j == p) for p in places}
    s2 = math.fsum((given[p] + taken[p]) ** 2 for p in places)
    return s0, s1, s2


# global statistics


def moran(y, w):
    z = deviations(y)
    cross = math.fsum(weight * z[i] * z[j] for (i, j), weight in w.items())
    return len(y) / math.fsum(w.values()) * cross / square(y)


def geary(y, w):
    apart = math.fsum(weight * (y[i] - y[j]) ** 2 for (i, j), weight in w.items())
    return (len(y) - 1) / (2 * math.fsum(w.values())) * apart / square(y)


def getis_ord(y, w):
    together = math.fsum(weight * y[i] * y[j] for (i, j), weight in w.items())
    return together / math.fsum(y[i] * y[j] for i in y for j in y if i != j)


def bivariate(x, y, w):
    u, z = deviations(x), deviations(y)
    cross = math.fsum(weight * u[i] * z[j] for (i, j), weight in w.items())
    return len(x) / math.fsum(w.values()) * cross / math.sqrt(square(x) * square(y))


def pooled(panel, weights):
    """Moran's I over years: ``panel`` and ``weights`` map years to y and w; deviations from the mean of the year."""
    cross = size = total = squares = 0.0
    for year, y in panel.items():
        z = deviations(y)
        cross += math.fsum(weight * z[i] * z[j] for (i, j), weight in weights[year].items())
        size += len(y)
        total += math.fsum(weights[year].values())
        squares += square(y)
    return size / total * cross / squares


def joins(kind, w, first, second):
    """Count joins of two kinds over both directions, halved."""
    if first == "different":
        return math.fsum(weight for (i, j), weight in w.items() if kind[i] != kind[j]) / 2
    return math.fsum(weight for (i, j), weight in w.items() if {kind[i], kind[j]} == {first, second}) / 2


# moments of the global statistics


def moran_moments(y, w, randomization):
    """Mean and variance of I: Cliff and Ord (1981), equations 1.36 to 1.38."""
    n = len(y)
    s0, s1, s2 = weight_sums(y, w)
    if not randomization:
        second = (n**2 * s1 - n * s2 + 3 * s0**2) / ((n**2 - 1) * s0**2)
        return -1 / (n - 1), second - 1 / (n - 1) ** 2
    b2 = kurtosis(y)
    upper = n * ((n**2 - 3 * n + 3) * s1 - n * s2 + 3 * s0**2)
    lower = b2 * ((n**2 - n) * s1 - 2 * n * s2 + 6 * s0**2)
    second = (upper - lower) / ((n - 1) * (n - 2) * (n - 3) * s0**2)
    return -1 / (n - 1), second - 1 / (n - 1) ** 2


def kurtosis(y):
    z = deviations(y).values()
    return mean(value**4 for value in z) / mean(value**2 for value in z) ** 2


def enumerated(y, statistic):
    """Mean and variance of a statistic over all reassignments of the values to the places."""
    places = list(y)
    found = [statistic(dict(zip(places, deal, strict=True))) for deal in itertools.permutations(y.values())]
    return mean(found), variance(found)


def enumerated_years(panel, statistic):
    """Mean and variance of a statistic over all reassignments within each year, years independent."""
    years = list(panel)
    deals = []
    for year in years:
        places = list(panel[year])
        orders = itertools.permutations(panel[year].values())
        deals.append([dict(zip(places, order, strict=True)) for order in orders])
    found = [statistic(dict(zip(years, choice, strict=True))) for choice in itertools.product(*deals)]
    return mean(found), variance(found)


def enumerated_histories(panel, statistic):
    """All values of a statistic over reassignments of whole histories: the same in every year."""
    places = list(next(iter(panel.values())))
    found = []
    for order in itertools.permutations(places):
        moved = {
            year: {own: y[other] for own, other in zip(places, order, strict=True)}
            for year, y in panel.items()
        }
        found.append(statistic(moved))
    return found


# local statistics


def local_moran(y, w):
    """I_i with the sample variance, as GeoDa and PySAL have it."""
    z, m2 = deviations(y), square(y) / (len(y) - 1)
    return {place: z[place] * lag(z, w, place) / m2 for place in y}


def local_bivariate(x, y, w):
    u, z = deviations(x), deviations(y)
    scale = math.sqrt(square(x) * square(y)) / (len(x) - 1)
    return {place: u[place] * lag(z, w, place) / scale for place in x}


def local_geary(y, w):
    m2 = square(y) / (len(y) - 1)
    return {
        place: math.fsum(
            weight * (y[place] - y[other]) ** 2 for other, weight in neighbours(w, place).items()
        )
        / m2
        for place in y
    }


def local_g(y, w, star=False):
    found = {}
    for place in y:
        near = neighbours(w, place)
        if star:
            near = near | {place: max(near.values(), default=0.0)}
        upper = math.fsum(weight * y[other] for other, weight in near.items())
        found[place] = upper / math.fsum(value for other, value in y.items() if star or other != place)
    return found


def quadrant(y, w, place):
    z = deviations(y)
    return ("H" if z[place] > 0 else "L") + ("H" if lag(z, w, place) > 0 else "L")


def local_draws(y, w, place, statistic):
    """All values of a local statistic when the values of the other places are dealt anew."""
    others = [other for other in y if other != place]
    found = []
    for deal in itertools.permutations([y[other] for other in others]):
        moved = dict(zip(others, deal, strict=True)) | {place: y[place]}
        found.append(statistic(moved, w)[place])
    return found


def tails(observed, draws, slack=1e-9):
    """Shares of draws at least, and at most, as large as what was observed."""
    above = sum(draw >= observed - slack for draw in draws) / len(draws)
    below = sum(draw <= observed + slack for draw in draws) / len(draws)
    return above, below


def two_sided(observed, draws):
    """Return the limit of the two-sided pseudo p-value for many permutations."""
    return min(1.0, 2 * min(tails(observed, draws)))


# adjustment


def step_up(pvalues, alpha):
    """Which tests Benjamini and Hochberg (1995) reject: the positions of the rejected ones."""
    order = sorted(range(len(pvalues)), key=pvalues.__getitem__)
    largest = 0
    for rank, position in enumerate(order, start=1):
        if pvalues[position] <= rank / len(pvalues) * alpha:
            largest = rank
    return set(order[:largest])


# dynamics


def classed(value, cuts):
    """Class from 0 up; a value equal to a cut belongs below it."""
    return sum(value > cut for cut in cuts)


def moves(histories, cuts):
    """Count moves between classes: ``histories`` maps places to lists of values."""
    size = len(cuts) + 1
    counts = [[0] * size for _ in range(size)]
    for values in histories.values():
        for before, after in itertools.pairwise(values):
            counts[classed(before, cuts)][classed(after, cuts)] += 1
    return counts


def moves_by_lag(histories, w, cuts, lag_cuts):
    """Count moves between classes for each class of the neighbours' mean in the year before the move."""
    size, groups = len(cuts) + 1, len(lag_cuts) + 1
    counts = [[[0] * size for _ in range(size)] for _ in range(groups)]
    for place, values in histories.items():
        for t, (before, after) in enumerate(itertools.pairwise(values)):
            around = lag({other: history[t] for other, history in histories.items()}, w, place)
            counts[classed(around, lag_cuts)][classed(before, cuts)][classed(after, cuts)] += 1
    return counts


def long_run(probabilities, steps=5000):
    """Long-run distribution by letting the chain run, averaged over two steps so that cycles do not matter."""
    size = len(probabilities)
    share = [1 / size] * size
    for _ in range(steps):
        following = [math.fsum(share[i] * probabilities[i][j] for i in range(size)) for j in range(size)]
        share = [(old + new) / 2 for old, new in zip(share, following, strict=True)]
    return share


def homogeneity(counts):
    """LR and Q of Bickenbach and Bode (2003) for the moves of several groups."""
    size = len(counts[0])
    likelihood = quadratic = 0.0
    for i in range(size):
        total = [sum(group[i][j] for group in counts) for j in range(size)]
        for group in counts:
            for j in range(size):
                if not total[j] or not sum(group[i]):
                    continue
                expected = sum(group[i]) * total[j] / sum(total)
                quadratic += (group[i][j] - expected) ** 2 / expected
                if group[i][j]:
                    likelihood += 2 * group[i][j] * math.log(group[i][j] / expected)
    return likelihood, quadratic


# rates


def smoothed_rates(events, population):
    """Marshall (1991): the global empirical Bayes rate."""
    b = math.fsum(events.values()) / math.fsum(population.values())
    spread = math.fsum(p * (events[i] / p - b) ** 2 for i, p in population.items()) / math.fsum(
        population.values()
    )
    a = max(0.0, spread - b / mean(population.values()))
    rates = {}
    for place, people in population.items():
        share = a / (a + b / people) if a > 0 else 0.0
        rates[place] = b + share * (events[place] / people - b)
    return rates
