"""Write ``data/shapes/unit_names.csv``: every accepted spelling of every unit, from ``units.csv`` and a short list.

A spelling that two units share stays in the table once for each: looking it up is ambiguous and says so.
"""

import csv
from pathlib import Path

SHAPES = Path(__file__).parents[1] / "shapes"

TRADITIONAL = {
    "320200": "無錫", "320500": "蘇州", "320700": "連雲港", "320900": "鹽城", "321000": "揚州", "321100": "鎮江",
    "321300": "宿遷", "330200": "寧波", "330300": "溫州", "330400": "嘉興", "330600": "紹興", "330700": "金華",
    "331100": "麗水", "340200": "蕪湖", "340500": "馬鞍山", "340700": "銅陵", "340800": "安慶", "341000": "黃山",
    "341200": "阜陽",
}  # fmt: skip
TRADITIONAL_PROVINCE = {"江苏省": "江蘇省"}
SPECIAL = [
    ("淮阴市", "320800", "former"),
    ("淮阴", "320800", "former"),
    ("淮陰市", "320800", "former"),
    ("淮陰", "320800", "former"),
    ("Huaiyin", "320800", "former"),
    ("Liu'an", "341500", "variant"),
]
CHAOHU = {
    "adcode": "341400",
    "name_zh": "巢湖市",
    "name_en": "Chaohu",
    "province_zh": "安徽省",
    "province_en": "Anhui",
}


def chinese(unit: dict[str, str], short: str, province: str, kind: str) -> list[tuple[str, str, str]]:
    """Return the Chinese spellings: with or without 市, alone or after the province."""
    code = unit["adcode"]
    heads = [""] if unit["name_zh"] == unit["province_zh"] else ["", province, province.removesuffix("省")]
    return [(head + short + tail, code, kind) for head in heads for tail in ("市", "")]


def english(unit: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return the English spellings: with or without City, alone or with the province."""
    code, province = unit["adcode"], unit["province_en"]
    plain = unit["name_en"].partition(" (")[0]
    towns = [plain, f"{plain} City", f"{plain} Shi"]
    if plain == province:
        return [(name, code, "english") for name in [*towns, f"{plain} Municipality"]]
    tails = [f" ({province})", f", {province} Province"]
    names = [*towns, *(town + tail for town in towns for tail in tails), f"{province} {plain}"]
    return [(name, code, "english") for name in names]


def spellings(unit: dict[str, str]) -> list[tuple[str, str, str]]:
    """Return all regular spellings of one unit as (name, adcode, kind)."""
    code, province = unit["adcode"], unit["province_zh"]
    rows = [(code, code, "code"), *chinese(unit, unit["name_zh"].removesuffix("市"), province, "chinese")]
    if code in TRADITIONAL or province in TRADITIONAL_PROVINCE:
        short = TRADITIONAL.get(code, unit["name_zh"].removesuffix("市"))
        rows += chinese(unit, short, TRADITIONAL_PROVINCE.get(province, province), "traditional")
    return rows + english(unit)


def main() -> None:
    """Write the table, sorted by code and name."""
    with (SHAPES / "units.csv").open(encoding="utf-8", newline="") as table:
        rows = [row for unit in csv.DictReader(table) for row in spellings(unit)]
    abolished = [(name, code, "abolished") for name, code, _ in spellings(CHAOHU)]
    first = {(name, code): kind for name, code, kind in reversed([*rows, *SPECIAL, *abolished])}
    with (SHAPES / "unit_names.csv").open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["name", "adcode", "kind"])
        writer.writerows(sorted((name, code, kind) for (name, code), kind in first.items()))


if __name__ == "__main__":
    main()
