"""Which weights stand where in a model; equal ones are told once."""

from collections.abc import Mapping

import numpy as np

from yrdspatial.models.specification import Design
from yrdspatial.models.spectra import Spectra

ROLES: Mapping[str, str] = {"y": "y", "x": "X", "error": "error"}


def weight_roles(design: Design, names: Mapping[str, str] = ROLES) -> list[tuple[tuple[str, ...], Spectra]]:
    """List the weights of a model.

    Parameters
    ----------
    design : Design
        The model.
    names : mapping of str to str
        What to call the roles "y", "x" and "error".

    Returns
    -------
    list of (tuple of str, Spectra)
        The roles that weights have, and the weights; a part of several has its name in brackets.
    """
    problem, spec = design.problem, design.spec
    named: list[tuple[str, Spectra | None]] = [
        *((f"{names['y']} ({name})", part) for name, part in zip(spec.parts, problem.parts, strict=True)),
        (names["y"], problem.lag),
        *(
            (f"{names['x']} ({name})" if name else names["x"], part)
            for name, part in zip(spec.x_parts or ("",), design.durbin, strict=False)
        ),
        (names["error"], problem.error),
    ]
    found: list[tuple[list[str], Spectra]] = []
    for role, weights in named:
        if weights is None:
            continue
        for roles, other in found:
            if _same(weights, other):
                roles.append(role)
                break
        else:
            found.append(([role], weights))
    return [(tuple(roles), weights) for roles, weights in found]


def _same(one: Spectra, other: Spectra) -> bool:
    if one is other:
        return True
    alike = one.count == other.count and np.array_equal(one.position, other.position)
    return alike and all(abs(a - b).max() == 0 for a, b in zip(one.links, other.links, strict=True))
