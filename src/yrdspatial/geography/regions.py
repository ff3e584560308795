"""Named sets of cities, relations between places, and what changed on the map since 2000."""

import pandas as pd

from yrdspatial.datasets import read_table, read_toml


def load_regions() -> pd.DataFrame:
    """Load the named sets of cities: corridors, belts, tiers, clusters.

    Returns
    -------
    pandas.DataFrame
        One row a member; columns ``region``, ``adcode``, ``status`` and ``note``. Status ``"printed"``: the list of
        members stands in the paper; ``"inferred"``: the name stands there and the list is the usual one;
        ``"derived"``: by complement. Another usual list of the same name is a region of its own, ``"皖西 (alt)"``.

    Examples
    --------
    >>> regions = load_regions()
    >>> regions.loc[regions["region"] == "省会及上海", "adcode"].tolist()
    [310000, 320100, 330100, 340100]
    """
    rows = [
        (region, adcode, table["status"], table["note"])
        for region, table in read_toml("shapes/regions.toml").items()
        for adcode in table["members"]
    ]
    return pd.DataFrame(rows, columns=["region", "adcode", "status", "note"])


def load_region_titles() -> pd.DataFrame:
    """Load the Chinese and English titles of the named sets.

    Returns
    -------
    pandas.DataFrame
        Index ``region``; columns ``name_zh``, ``name_en``, ``status``, ``note``.

    Examples
    --------
    >>> load_region_titles().loc["苏南", "name_en"]
    'Southern Jiangsu'
    """
    tables = pd.DataFrame.from_dict(read_toml("shapes/regions.toml"), orient="index")
    return tables[["name_zh", "name_en", "status", "note"]].rename_axis("region")


def load_relations() -> pd.DataFrame:
    """Load the relations between places of two cities: joint parks, enclaves, platforms, border zones.

    Returns
    -------
    pandas.DataFrame
        One row a pair of cities; columns ``kind``, ``kind_zh``, ``name``, ``from_adcode``, ``to_adcode``, ``status``
        (printed or inferred) and ``note``.

    Examples
    --------
    >>> load_relations()["kind"].value_counts()["enclave"].item()
    1
    """
    return _texts(read_table("shapes/relations.csv"))


def load_boundary_changes() -> pd.DataFrame:
    """Load the changes of boundaries between cities, 2000-2024.

    Returns
    -------
    pandas.DataFrame
        One row a piece that moved; columns ``date`` (in force) and ``approved`` (ISO text, shortened where the day or
        month is not known), ``kind`` (founded, renamed, moved, abolished), ``from_adcode``, ``to_adcode``,
        ``county``, ``note``, ``source``. The code 341400 is Chaohu, abolished in 2011.

    Examples
    --------
    >>> changes = load_boundary_changes()
    >>> changes.loc[changes["county"] == "寿县", ["from_adcode", "to_adcode"]].to_numpy().tolist()
    [[341500, 340400]]
    """
    return _texts(read_table("shapes/boundary_changes.csv"))


def load_adjacency() -> pd.DataFrame:
    """Load the pairs of neighbouring cities by era.

    Returns
    -------
    pandas.DataFrame
        One row a pair, ``a_adcode`` < ``b_adcode``; ``kind`` (land, yangtze, estuary, sea_bridge, or none for pairs
        that look close and are no neighbours); ``adj_2000_2010``, ``adj_2011_2015``, ``adj_2016_on`` (0 or 1);
        ``border_km`` (length of the common border today, kilometres) and ``note``.

    Examples
    --------
    >>> pairs = load_adjacency()
    >>> int(pairs["adj_2016_on"].sum()), pairs.loc[pairs["kind"] == "sea_bridge", "b_adcode"].tolist()
    (100, [330900])
    """
    return _texts(read_table("shapes/adjacency.csv"))


def _texts(table: pd.DataFrame) -> pd.DataFrame:
    columns = table.columns[~table.dtypes.map(pd.api.types.is_numeric_dtype)]
    return table.assign(**{column: table[column].fillna("").astype(str) for column in columns})
