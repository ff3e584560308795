"""Claims on places: units, distances, sets of cities, links between cities (P, L, and sets of S1, S2, S5)."""

import pandas as pd
from pyproj import Geod

from yrdspatial.datasets import read_table
from yrdspatial.replication.case import PROVINCES, Case
from yrdspatial.replication.verdicts import Check, Claim, Verdict, check, compare, decide, said
from yrdspatial.tables.speech import listed, say, term

SHANGHAI = 310000
LINK_YEAR = 2020
EXCEPTIONS = {330100, 330400, 330700}
EDGES = {
    "L-01": ("张江长三角科技城", [(310000, 330400)]),
    "L-02": ("宣城新塘羽绒产业园", [(330100, 341800)]),
    "L-07": ("虹桥—昆山—相城", [(310000, 320500)]),
    "L-08": ("嘉定—昆山—太仓", [(310000, 320500)]),
    "L-09": ("南通沪苏跨江融合试验区", [(310000, 320600)]),
    "L-10": ("顶山—汊河", [(320100, 341100)]),
    "L-11": ("浦口—南谯", [(320100, 341100)]),
    "L-12": ("江宁—博望", [(320100, 340500)]),
    "L-13": (
        "苏浙皖交界地区长三角产业合作发展区",
        [(320200, 330500), (320200, 341800), (320400, 330500), (320400, 341800)],
    ),
}


@check("P-01")
def study_area(case: Case, claim: Claim) -> Verdict:
    """Count the units (P-01).

    Returns
    -------
    Verdict
        Exact or not.
    """
    units = case.study.units
    counts = [int((units["province_en"] == name).sum()) for name in PROVINCES]
    why = say("40 prefecture-level cities and the municipality of Shanghai make the 41.")
    found = compare(claim, [len(units), *counts], vintage="same", data="registry of units", why=why)
    return found if units.index.is_unique else Verdict("not replicated", found.computed, say("codes repeat"))


@check("P-06", "P-07")
def seat_distance(case: Case, claim: Claim) -> Verdict:
    """Measure the great circle between two seats (P-06, P-07).

    Returns
    -------
    Verdict
        Within five kilometres or not.
    """
    seats = case.study.units[["seat_lon", "seat_lat"]]
    here, there = seats.loc[SHANGHAI], seats.loc[330100 if claim.id == "P-06" else 320100]
    sphere = Geod(a=6_371_008.8, b=6_371_008.8)
    metres = sphere.inv(here["seat_lon"], here["seat_lat"], there["seat_lon"], there["seat_lat"])[2]
    why = say("Measured between the seats of the city governments; centroids of the polygons would not do.")
    return compare(claim, [metres / 1000], vintage="same", data="seats of the cities (GeoNames)", why=why)


@check("P-08")
def size_classes(case: Case, claim: Claim) -> Verdict:
    """Sort cities by urban residents (P-08): only total residents are there.

    Returns
    -------
    Verdict
        Not testable, with residents of all kinds as a proxy.
    """
    people = case.at("population_census", 2020).loc[[SHANGHAI, 320100, 330100]] / 100
    return Verdict(
        "not testable",
        "",
        say(
            "Classes go by urban residents, and {table} is not there; it would decide.",
            table=term(claim.data),
        ),
        proxy=f"all residents of 2020 in Shanghai, Nanjing, Hangzhou: {said(people)} million",
        data="population census 2020",
    )


@check(*EDGES)
def link(case: Case, claim: Claim) -> Verdict:
    """Look an edge up, and attach contact and rail time (L-01, L-02, L-07 to L-13).

    Returns
    -------
    Verdict
        Replicated where the rule asks for contact and there is; recorded where it asks for the edge alone.
    """
    name, pairs = EDGES[claim.id]
    rows = case.relations[case.relations["name"] == name]
    there = set(zip(rows["from_adcode"], rows["to_adcode"], strict=True)) == set(pairs)
    touching = [touches(case, pair) for pair in pairs]
    minutes = [float(case.study.times.frame(LINK_YEAR)[pair[1]].loc[pair[0]]) for pair in pairs]
    contact = listed(say("yes") if touch else say("no") for touch in touching)
    computed = (
        say("edge present; contiguous: {contact}", contact=contact)
        if there
        else say("edge missing; contiguous: {contact}", contact=contact)
    )
    data = (
        f"edges drawn from the source; adjacency of 2016 on; rail time of {LINK_YEAR}: {said(minutes, 0)} min"
    )
    if "contiguous" in claim.rule:
        why = say(
            "The edge comes from the source, the contact of the two cities from the adjacency of official polygons."
        )
        return Verdict(decide(there and all(touching)), computed, why, data=data)
    why = say("The rule asks for the edge alone, which comes from the source itself.")
    if claim.id == "L-09":
        why += say(" The cities touch across the river (Chongming), written down as such.")
    return Verdict("recorded" if there else "not replicated", computed, why, data=data)


def touches(case: Case, pair: tuple[int, int]) -> bool:
    """Say whether two units touch since 2016.

    Parameters
    ----------
    case : Case
        The case.
    pair : tuple of int
        Two codes.

    Returns
    -------
    bool
        True when they are neighbours.
    """
    key = (min(pair), max(pair))
    return key in case.adjacency.index and bool(case.adjacency.loc[key, "adj_2016_on"])


@check("S2-04")
def four_new_areas(case: Case, claim: Claim) -> Verdict:
    """Compare the rail time of the hosts to Shanghai with the mean of Zhejiang (S2-04).

    Returns
    -------
    Verdict
        Replicated when the edges are there and the hosts are nearer.
    """
    hosts = {330200, 330100, 330600, 330500}
    docks = case.relations[case.relations["kind"] == "dock_to_shanghai"]
    minutes = case.study.times.frame(LINK_YEAR)[SHANGHAI]
    zhejiang = minutes[minutes.index // 10000 == 33]
    near, mean = float(zhejiang.loc[sorted(hosts)].mean()), float(zhejiang.mean())
    holds = set(docks["to_adcode"]) == hosts and near < mean
    why = say("The four hosts are nearer to Shanghai by rail than the cities of Zhejiang are on average.")
    return Verdict(
        decide(holds),
        say("{near:.0f} against {mean:.0f} min", near=near, mean=mean),
        why,
        gap=say("{gap:.0f} min", gap=near - mean),
        data=f"edges; rail time of mid-{LINK_YEAR}",
    )


@check("S1-05", "S1-06", "S5-03", "S1-07", "S3-23")
def named_sets(case: Case, claim: Claim) -> Verdict:
    """Show the members of named sets (S1-05, S1-06, S1-07, S3-23, S5-03): they come from the source or are ours.

    Returns
    -------
    Verdict
        Recorded, with the members.
    """
    notes = {
        "S1-05": say(
            "the six are not named in the source; the usual list is taken, with Chuzhou and Lu'an beside"
        ),
        "S1-06": say(
            "the plan of 2010 has {count:.0f} whole cities, one of them Chaohu, which was abolished in 2011: the "
            "number agrees, the members are our list",
            count=case.fact("wanjiang_whole_cities"),
        ),
        "S5-03": say("the list of the source itself; Songjiang stands for the unit Shanghai"),
        "S1-07": say("both are there as sets of cities, from which weights of the same corridor can be made"),
        "S3-23": say("derived: the list of tier 4 is open, so tier 5 is at most this"),
    }
    members = [
        say(
            "{region}: {count} ({cities})",
            region=case.title(name),
            count=len(case.regions[name]),
            cities=case.names(case.regions[name]),
        )
        for name in claim.regions
    ]
    return Verdict(
        "recorded",
        say("; ").join(members),
        say("A list compared with itself is no test: {note}.", note=notes[claim.id]),
        data="shapes/regions.toml",
    )


@check("S5-04")
def corridor_lines(case: Case, claim: Claim) -> Verdict:
    """Look for the members of the G60 corridor on the two high-speed lines (S5-04).

    Returns
    -------
    Verdict
        Replicated when only named exceptions lie off the lines.
    """
    lines = read_table("rail/lines.csv", data_dir=case.data_dir)
    rows = lines[lines["line"].str.contains("|".join(claim.term.split("; ")))]
    served = set(pd.concat([rows["from_adcode"], rows["to_adcode"]]).dropna().astype(int))
    off = set(case.regions["G60"]) - served
    opened = rows.groupby("line")["opened"].min()
    why = say(
        "Off the two lines: {cities}. Exceptions: Jiaxing and Jinhua are on the expressway, and the line by Hefei "
        "reaches Hangzhou on the tracks of the Nanjing-Hangzhou line. The line by Huzhou opened on {opened}, after the "
        "study was written.",
        cities=case.names(sorted(off)),
        opened=opened[opened.index.str.contains("沪苏湖")].iloc[0],
    )
    members = len(case.regions["G60"])
    computed = say("{on} of {members} members on the lines", on=members - len(off), members=members)
    return Verdict(decide(off <= EXCEPTIONS), computed, why, data="rail/lines.csv")


CHECKS: tuple[Check, ...] = (
    study_area,
    seat_distance,
    size_classes,
    link,
    four_new_areas,
    named_sets,
    corridor_lines,
)
