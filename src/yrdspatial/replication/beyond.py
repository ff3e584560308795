"""Stage 5 of the main job: what the data say beyond the paper, computed once for all its chapters."""

from dataclasses import dataclass, replace

from yrdspatial.replication.accounts import Accounts, measure_accounts
from yrdspatial.replication.borders import BorderFindings, border_effects
from yrdspatial.replication.core_effects import CoreEffects, core_effects
from yrdspatial.replication.findings import DecayFindings, NetworkFindings, network_change, ring_decay
from yrdspatial.replication.relocation import Relocation, measure_relocation
from yrdspatial.replication.sensitivity import Sensitivity, measure_sensitivity
from yrdspatial.replication.study import Study


@dataclass(frozen=True)
class Beyond:
    """The findings beyond the paper.

    Attributes
    ----------
    relocation : Relocation
        Where manufacturing went.
    borders : BorderFindings
        Whether spillovers cross provincial borders.
    network : NetworkFindings
        What the rail network changed.
    decay : DecayFindings
        How far spillovers reach; without the fitted curves.
    core : CoreEffects
        From core to periphery.
    sensitivity : Sensitivity
        Windows, vintages, samples.
    accounts : Accounts
        Value added to the last year.
    """

    relocation: Relocation
    borders: BorderFindings
    network: NetworkFindings
    decay: DecayFindings
    core: CoreEffects
    sensitivity: Sensitivity
    accounts: Accounts


def measure_beyond(study: Study, *, seed: int) -> Beyond:
    """Compute every finding beyond the paper.

    Parameters
    ----------
    study : Study
        The inputs of the main job.
    seed : int
        Seed of permutations.

    Returns
    -------
    Beyond
        Tables.
    """
    return Beyond(
        relocation=measure_relocation(study, seed=seed),
        borders=border_effects(study),
        network=network_change(study, seed=seed),
        decay=replace(ring_decay(study), curves={}),
        core=core_effects(study),
        sensitivity=measure_sensitivity(study, seed=seed),
        accounts=measure_accounts(study.panel),
    )
