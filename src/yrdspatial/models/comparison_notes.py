"""The notes below a table of models, read off the models: sample, estimator, standard errors, weights, flags."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np

from yrdspatial.industry.table import flag_notes
from yrdspatial.models.flags import used_flags
from yrdspatial.models.identification import effective_neighbours
from yrdspatial.models.impacts import Impacts
from yrdspatial.models.instrumental_results import InstrumentalResults
from yrdspatial.models.results import SpatialPanelResults
from yrdspatial.models.spectra import Spectra
from yrdspatial.models.summary import method_name
from yrdspatial.models.weight_roles import weight_roles
from yrdspatial.panel.gaps import year_runs

Compared: TypeAlias = SpatialPanelResults | InstrumentalResults
ROWS = 1e-9
"""Row sums nearer to one than this count as one."""


def notes_of(models: Mapping[str, Compared], words: Mapping[str, str]) -> list[str]:
    """Say how the models of a table were estimated, each sentence once.

    Parameters
    ----------
    models : mapping of str to SpatialPanelResults or InstrumentalResults
        Heads of the columns, and the models.
    words : mapping of str to str
        Sentences of a language.

    Returns
    -------
    list of str
        Sentences; those that hold for some models alone come last and begin with the heads for which they hold.
    """
    said: dict[str, list[str]] = {}
    for head, one in models.items():
        for sentence in _sentences(one, words):
            said.setdefault(sentence, []).append(head)
    shared = [sentence for sentence, heads in said.items() if len(heads) == len(models)]
    return shared + [
        _for(heads, sentence, words) for sentence, heads in said.items() if len(heads) < len(models)
    ]


def notes_of_effects(effects: Mapping[str, Impacts], seed: int | None, words: Mapping[str, str]) -> list[str]:
    """Say where the standard errors of effects come from.

    Parameters
    ----------
    effects : mapping of str to Impacts
        Heads of the columns, and the effects.
    seed : int or None
        Seed of the simulation.
    words : mapping of str to str
        Sentences of a language.

    Returns
    -------
    list of str
        Sentences.
    """
    first = next(iter(effects.values()))
    notes = [words[first.method].format(draws=first.draws, seed=seed)]
    gone: dict[int, list[str]] = {}
    for head, one in effects.items():
        gone.setdefault(one.discarded, []).append(head)
    for count, heads in gone.items():
        if count:
            sentence = words["discarded"].format(count=count)
            notes.append(sentence if len(heads) == len(effects) else _for(heads, sentence, words))
    return notes


def _for(heads: list[str], sentence: str, words: Mapping[str, str]) -> str:
    return words["comma"].join(heads) + words["colon"] + sentence


def _sentences(one: Compared, words: Mapping[str, str]) -> Iterator[str]:
    design = one.design
    periods, units = design.sample.shape
    labels = design.sample.periods
    if design.sample.cross_section:
        yield words["one"].format(units=units)
    else:
        whole = all(isinstance(label, int | np.integer) for label in labels)
        span = year_runs(labels) if whole else f"{labels[0]} – {labels[-1]}"
        yield words["sample"].format(units=units, periods=span, count=periods)
    if len(design.windows) > 1:
        yield words["windows"].format(windows=words["comma"].join(map(str, design.windows)))
    yield words[_estimator(one)]
    if isinstance(one, InstrumentalResults):
        comma = words["comma"]
        endogenous, names = comma.join(one.endogenous), comma.join(one.instruments.names)
        yield words["instruments"].format(endogenous=endogenous, names=names)
    yield words[one.cov_type]
    yield from _weights(one, words)
    yield from (words["warning"].format(text=text) for text in one.warnings)
    flags = flag_notes(used_flags(design), list(labels), n_units=units)
    if flags:
        yield words["flags"].format(text="; ".join(flags))


def _estimator(one: Compared) -> str:
    problem = one.design.problem
    if isinstance(one, InstrumentalResults):
        return one.method
    if problem.random:
        return "randomly"
    if not (problem.effects.unit or problem.effects.time):
        return "plain"
    if not problem.adjusted:
        return "left"
    return "leeyu" if "Lee-Yu" in method_name(problem) else "adjusted"


def _weights(one: Compared, words: Mapping[str, str]) -> Iterator[str]:
    names = {role: words[f"w_{role}"] for role in ("y", "x", "error")}
    found = weight_roles(one.design, names)
    alone = len(found) == 1 and not one.spec.parts and not one.spec.x_parts
    for roles, spectra in found:
        yield _weight("W" if alone else words["comma"].join(roles), spectra, words)


def _weight(role: str, spectra: Spectra, words: Mapping[str, str]) -> str:
    sums, distinct = spectra.row_sums, spectra.count
    linked = sums > 0
    scale = words["rows" if np.abs(sums[linked] - 1.0).max(initial=0.0) < ROWS else "scaled"]
    if not linked.all():
        scale += words["comma"] + words["islands"]
    how = (
        words["fixed"]
        if distinct == 1
        else words["varying"].format(count=distinct, periods=len(spectra.position))
    )
    return words["weights"].format(role=role, how=how, scale=scale, effective=effective_neighbours(spectra))
