"""What a claim is, what a verdict on it says, and the few ways in which a number can agree with a printed one."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from yrdspatial.tables.speech import LANGUAGE, say, term

if TYPE_CHECKING:
    from yrdspatial.replication.case import Case

VERDICTS = (
    "replicated",
    "replicated under another vintage",
    "not replicated",
    "source inconsistent",
    "not testable",
    "recorded",
)
SHARE_UNITS = ("%", "pp", "% a year")
Vintage = Literal["same", "another"]


@dataclass(frozen=True)
class Claim:
    """A row of the registry ``claims/claims.csv``.

    Attributes
    ----------
    id, type : str
        Identifier, and what kind of claim: N number, S set, T threshold, R order, E structure in space, D trend,
        L link between places, M proposition of the literature, F institutional fact.
    statement, term : str
        The claim in our words, and the Chinese term to find it by.
    printed : str
        What the source prints.
    figures : tuple of float
        The printed numbers, in `unit`.
    unit, year : str
        Unit and data year, empty where there is none.
    rule : str
        When it counts as replicated, fixed before the computation.
    tolerance : float
        The number in the rule.
    data : str
        What the rule asks for.
    regions, defects : tuple of str
        Named sets of cities, and defects of the source, that it touches.
    statement_zh : str
        The claim in our words, in Chinese.
    """

    id: str
    type: str
    statement: str
    term: str
    printed: str
    figures: tuple[float, ...]
    unit: str
    year: str
    rule: str
    tolerance: float
    data: str
    regions: tuple[str, ...]
    defects: tuple[str, ...]
    statement_zh: str = ""

    def stated(self) -> str:
        """State the claim in the language of the report.

        Returns
        -------
        str
            The statement.
        """
        return (self.statement_zh or self.statement) if LANGUAGE.get() == "zh" else self.statement


@dataclass(frozen=True)
class Verdict:
    """What the data say on a claim.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    computed : str
        The computed figure or set.
    why : str
        One sentence.
    gap : str
        Distance to what is printed.
    data, vintage : str
        What it was computed from, and which state of revision.
    weights : str
        Spatial weights used.
    seed : int or None
        Seed of the permutations.
    p : float or None
        The p-value that decides, of a claim on structure in space.
    retain : bool
        The claim says that there is no effect: a small p speaks against it.
    by_weights : mapping of str to float
        Signed statistic by family of weights.
    proxy : str
        What another indicator says, where the one asked for is not there; it does not decide.
    """

    verdict: str
    computed: str
    why: str
    gap: str = ""
    data: str = ""
    vintage: str = ""
    weights: str = ""
    seed: int | None = None
    p: float | None = None
    retain: bool = False
    by_weights: dict[str, float] = field(default_factory=dict)
    proxy: str = ""


@dataclass(frozen=True)
class Check:
    """A function that judges one claim or a family of claims.

    Attributes
    ----------
    ids : tuple of str
        The claims.
    judge : callable
        From the case and a claim to a verdict.
    """

    ids: tuple[str, ...]
    judge: "Callable[[Case, Claim], Verdict]"


def check(*ids: str) -> "Callable[[Callable[[Case, Claim], Verdict]], Check]":
    """Name the claims that a function judges.

    Parameters
    ----------
    *ids : str
        Identifiers of the claims.

    Returns
    -------
    callable
        Turns the function into a `Check`.

    Examples
    --------
    >>> check("P-02")(lambda case, claim: Verdict("recorded", "", "metadata")).ids
    ('P-02',)
    """
    return lambda judge: Check(ids, judge)


def said(values: Iterable[float], digits: int = 2) -> str:
    """Say numbers with at most so many decimals.

    Parameters
    ----------
    values : iterable of float
        The numbers.
    digits : int
        Decimals at most.

    Returns
    -------
    str
        Separated by semicolons.

    Examples
    --------
    >>> said([3005.9, 41.0])
    '3005.9; 41'
    """
    return say("; ").join(
        f"{value:.{digits}f}".rstrip("0").rstrip(".") if digits else f"{value:.0f}" for value in values
    )


def said_tests(tests: Mapping[str, tuple[float, float]]) -> str:
    """Say estimates with their p-values.

    Parameters
    ----------
    tests : mapping of str to (float, float)
        Estimate and p-value by what is estimated.

    Returns
    -------
    str
        Separated by semicolons.

    Examples
    --------
    >>> said_tests({"contiguity": (0.041, 0.1212)})
    'contiguity +0.041 (p 0.121)'
    """
    return say("; ").join(
        say("{name} {value:+.3f} (p {p:.3f})", name=term(name), value=value, p=p)
        for name, (value, p) in tests.items()
    )


def compare(
    claim: Claim,
    computed: Sequence[float],
    *,
    vintage: Vintage,
    data: str,
    why: str,
    loose: float | None = None,
) -> Verdict:
    """Compare computed numbers with the printed ones.

    In the same vintage the tolerance of the registry counts. In another vintage it is `loose`; by default 0.5
    percentage points for shares and 0.5 % for levels.

    Parameters
    ----------
    claim : Claim
        The claim with its figures.
    computed : sequence of float
        As many numbers, in the same unit and order.
    vintage : {"same", "another"}
        Whether the figures are of the vintage that the claim names.
    data : str
        Where they come from, with the vintage.
    why : str
        What else there is to say.
    loose : float, optional
        Tolerance of another vintage.

    Returns
    -------
    Verdict
        Replicated, replicated under another vintage, or not.

    Examples
    --------
    >>> claim = Claim("X", "N", "", "", "16.7 %", (16.7,), "%", "2021", "", 0.05, "", (), ())
    >>> compare(claim, [16.9], vintage="another", data="sums of cities", why="").verdict
    'replicated under another vintage'
    """
    gaps = [value - printed for value, printed in zip(computed, claim.figures, strict=True)]
    limits = [claim.tolerance] * len(gaps)
    if vintage == "another":
        relative = [0.5 if claim.unit in SHARE_UNITS else 0.005 * abs(value) for value in claim.figures]
        limits = relative if loose is None else [loose] * len(gaps)
    close = all(abs(gap) <= limit + 1e-9 for gap, limit in zip(gaps, limits, strict=True))
    matched = "replicated" if vintage == "same" else "replicated under another vintage"
    return Verdict(
        matched if close else "not replicated",
        said(computed),
        why,
        gap=said(gaps),
        data=data,
        vintage=vintage,
    )


def decide(holds: bool, *, vintage: Vintage = "same") -> str:
    """Turn a rule that holds or not into a verdict.

    Parameters
    ----------
    holds : bool
        Whether the rule holds.
    vintage : {"same", "another"}
        Whether the data are those that the rule names.

    Returns
    -------
    str
        Replicated, replicated under another vintage, or not.

    Examples
    --------
    >>> decide(True, vintage="another")
    'replicated under another vintage'
    """
    if not holds:
        return "not replicated"
    return "replicated" if vintage == "same" else "replicated under another vintage"


def compare_sets(
    printed: set[int], found: set[int], names: Callable[[Iterable[int]], str]
) -> tuple[bool, str]:
    """Compare two sets of cities.

    Parameters
    ----------
    printed, found : set of int
        Codes.
    names : callable
        Says a list of codes in words.

    Returns
    -------
    equal : bool
        Whether they are the same.
    gap : str
        The Jaccard index with what is in one only.

    Examples
    --------
    >>> compare_sets({1, 2}, {2}, lambda codes: str(list(codes)))
    (False, 'Jaccard 0.500; printed only: [1]')
    """
    parts = [say("Jaccard {index:.3f}", index=jaccard(printed, found))]
    if printed - found:
        parts.append(say("printed only: {cities}", cities=names(sorted(printed - found))))
    if found - printed:
        parts.append(say("computed only: {cities}", cities=names(sorted(found - printed))))
    return printed == found, say("; ").join(parts)


def jaccard(a: set[int] | set[str], b: set[int] | set[str]) -> float:
    """Jaccard index of two sets: the size of the intersection over that of the union.

    Parameters
    ----------
    a, b : set
        Not both empty.

    Returns
    -------
    float
        In [0, 1].

    Examples
    --------
    >>> jaccard({"C36", "C39"}, {"C39"})
    0.5
    """
    return len(set(a) & set(b)) / len(set(a) | set(b))
