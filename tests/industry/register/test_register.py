"""A register of firms against a second implementation that goes firm by firm in plain pandas."""

import datetime
import inspect
import os
import re
import signal
import threading
import time

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import yrdspatial as yrd
from yrdspatial.industry.register import files, tally
from yrdspatial.industry.register.divisions import load_divisions
from yrdspatial.industry.register.register import from_register

YEARS = range(2005, 2020)
DIVISIONS = {name[1:]: name for name in load_divisions().index}
DATE = re.compile(r"(\d{4})([-/]?)(\d{1,2})\2(\d{1,2})")
CODES = set(yrd.load_units().index)
AMOUNTS = ("stock", "births", "deaths", "capital", "capital_of_births")


def day(text):
    """Read a date, None for a blank, or "bad": an independent reader."""
    if text is None or not text:
        return None
    found = DATE.fullmatch(text)
    try:
        return datetime.date(*(int(found[part]) for part in (1, 3, 4)))
    except (TypeError, ValueError):
        return "bad"


def division(code):
    text = "" if code is None else code
    two = text[:2] if re.fullmatch(r"\d{4}", text) else ""
    return DIVISIONS.get(two)


def unit_of_points(lon, lat):
    points = gpd.GeoDataFrame(geometry=gpd.points_from_xy(lon, lat), crs=4326)
    joined = points.sjoin(yrd.load_shapes()[["geometry"]], how="left", predicate="intersects")
    return joined["adcode"].groupby(level=0).min().reindex(points.index)


def reason(row):
    """Why a row is left out."""
    opened, closed = row.opened_day, row.closed_day
    reasons = [
        ("no firm id", row.firm in {"", None}),
        ("a firm id that was there before", row.again),
        ("no opening date, or one that cannot be read", opened is None or opened == "bad"),
        ("a closing date that cannot be read", closed == "bad"),
        (
            "closes before it opens",
            closed not in {None, "bad"} and opened not in {None, "bad"} and closed < opened,
        ),
        ("no such industry code in its edition", row.division is None),
        ("no place", np.isnan(row.lon) or np.isnan(row.lat)),
        ("outside the units", np.isnan(row.place)),
    ]
    return next((text for text, wrong in reasons if wrong), "")


def read_slowly(paths):
    rows = pd.concat([pd.read_parquet(path) for path in paths], ignore_index=True)
    rows = rows.astype(object).where(rows.notna(), None)
    for name in ("opened", "closed", "moved"):
        rows[f"{name}_day"] = pd.Series([day(text) for text in rows[name]], dtype=object)
    rows["capital"] = pd.to_numeric(rows["capital"], errors="coerce")
    rows["lon"], rows["lat"] = rows["lon"].astype(float), rows["lat"].astype(float)
    rows["place"] = unit_of_points(rows["lon"], rows["lat"])
    rows["division"] = pd.Series([division(code) for code in rows["industry"]], dtype=object)
    rows["again"] = rows["firm"].duplicated() & ~rows["firm"].isin(["", None])
    rows["reason"] = [reason(row) for row in rows.itertuples()]
    return rows


def started(row):
    """Tell the unit a firm began in, and whether it moved."""
    previous = int(float(row.previous_unit)) if row.previous_unit is not None else 0
    moved, closed = row.moved_day, row.closed_day
    if (
        previous in CODES
        and moved not in {None, "bad"}
        and row.opened_day <= moved
        and (closed is None or moved <= closed)
    ):
        return previous, True
    return int(row.place), False


def counted_slowly(rows, census="12-31"):
    """Tables as dicts of (unit, division, year), firm by firm."""
    tables = {name: {} for name in (*AMOUNTS, "moves", "subsidiaries")}
    good = rows[rows["reason"] == ""]
    home = {row.firm: int(row.place) for row in good.itertuples()}

    days = {year: datetime.date.fromisoformat(f"{year}-{census}") for year in YEARS}

    def add(name, key, amount=1):
        tables[name][key] = tables[name].get(key, 0) + amount

    for row in good.itertuples():
        first, moves = started(row)
        capital = round(row.capital * 1e6) if 0 <= row.capital <= 1e9 else 0
        for year, when in days.items():
            if row.opened_day <= when and (row.closed_day is None or row.closed_day > when):
                unit = first if moves and row.moved_day > when else int(row.place)
                add("stock", (unit, row.division, year))
                add("capital", (unit, row.division, year), capital)
        if row.opened_day.year in YEARS:
            add("births", (first, row.division, row.opened_day.year))
            add("capital_of_births", (first, row.division, row.opened_day.year), capital)
            if row.parent in home:
                add("subsidiaries", (home[row.parent], first, row.opened_day.year))
        if row.closed_day is not None and row.closed_day.year in YEARS:
            add("deaths", (int(row.place), row.division, row.closed_day.year))
        if moves and row.moved_day.year in YEARS:
            add("moves", (first, int(row.place), row.moved_day.year))
    return tables


@pytest.fixture(scope="module")
def slow_rows(parquet_files):
    return read_slowly(parquet_files)


@pytest.fixture(scope="module")
def register(parquet_files):
    return yrd.from_register(parquet_files, years=YEARS)


def as_dict(register, name):
    array = register.amounts[name]
    found = {}
    for year, unit, sector in zip(*np.nonzero(array), strict=True):
        amount = array[year, unit, sector]
        key = (register.units[unit], register.sectors[sector], register.years[year])
        found[key] = round(float(amount) * 1e6) if name.startswith("capital") else int(amount)
    return found


@pytest.mark.parametrize("census", ["year_end", "mid_year"])
def test_the_tables_are_those_of_a_count_firm_by_firm(parquet_files, slow_rows, census):
    register = yrd.from_register(parquet_files, years=YEARS, census=census)
    slow = counted_slowly(slow_rows, {"year_end": "12-31", "mid_year": "07-01"}[census])
    for name in AMOUNTS:  # whole numbers: no tolerance
        assert as_dict(register, name) == {key: amount for key, amount in slow[name].items() if amount}, name
    for kind in ("moves", "subsidiaries"):
        flows = register.flows(kind).set_index(["origin", "destination", "year"])["flow"]
        assert flows[flows > 0].to_dict() == slow[kind]


def test_every_row_is_counted_or_reported(register, slow_rows):
    assert register.rows == len(slow_rows)
    left_out = register.report[register.report["effect"] == "row left out"].set_index("problem")["rows"]
    slow = slow_rows["reason"].value_counts()
    assert register.firms == slow.pop("")
    assert left_out.to_dict() == slow.to_dict()
    assert register.firms + left_out.sum() == register.rows


def test_values_left_out_are_reported_too(register, slow_rows):
    good = slow_rows[slow_rows["reason"] == ""]
    rows = register.report.set_index("problem")["rows"]
    wrong = good["capital"].isna() | (good["capital"] < 0)
    capital = rows["no capital"] + rows["capital that cannot be read, below 0, or above 1e9"]
    assert capital == wrong.sum()
    home = set(good["firm"])
    opened = good[[d.year in YEARS for d in good["opened_day"]]]
    orphans = sum(parent is not None and parent not in home for parent in opened["parent"])
    assert rows["a parent that is not among the firms counted"] == orphans


def test_the_first_bad_row_can_be_found_again(register, parquet_files):
    first = register.report.set_index("problem")["first"]["no firm id"]
    path, row = first.rsplit(", row ", 1)
    assert pd.read_parquet(path)["firm"].iloc[int(row) - 1] == ""
    assert path == str(parquet_files[0])


def same(one, other):
    for name in one.amounts:
        np.testing.assert_array_equal(
            one.amounts[name], other.amounts[name]
        )  # whole numbers, or exact millionths
    for kind in one.pairs:
        np.testing.assert_array_equal(one.pairs[kind], other.pairs[kind])
    assert (one.rows, one.firms) == (other.rows, other.firms)
    return True


def test_csv_and_parquet_give_the_same(register, csv_files):
    csv = yrd.from_register(csv_files[0].parent / "*.csv", years=YEARS)
    assert same(register, csv)
    assert csv.report["rows"].tolist() == register.report["rows"].tolist()


def test_blocks_do_not_matter(register, parquet_files, csv_files, monkeypatch):
    monkeypatch.setattr(files, "ROWS_A_BLOCK", 1_700)
    monkeypatch.setattr("yrdspatial.industry.register.reading.ROWS_A_BLOCK", 1_700)
    assert same(register, yrd.from_register(parquet_files, years=YEARS))
    assert same(register, yrd.from_register(csv_files, years=YEARS))


@pytest.fixture(scope="module")
def cluster():
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50) as found:
        yield found


def test_a_cluster_gives_the_same(register, parquet_files, csv_files, cluster):
    """dask-geopandas puts points into polygons there, a grid does here."""
    assert same(register, yrd.from_register(parquet_files, years=YEARS, scheduler=cluster.scheduler_address))
    far = yrd.from_register(csv_files, years=YEARS, scheduler=cluster.scheduler_address)
    assert same(register, far)


def test_a_worker_killed_on_the_way_changes_nothing(register, parquet_files, cluster, monkeypatch):
    monkeypatch.setattr(files, "ROWS_A_BLOCK", 1_000)
    before = {nanny.pid for nanny in cluster.workers.values()}

    def kill():
        time.sleep(1.0)
        os.kill(cluster.workers[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    killed = yrd.from_register(parquet_files, years=YEARS, scheduler=cluster.scheduler_address)
    killer.join()
    assert same(register, killed)
    deadline = time.monotonic() + 20
    while {nanny.pid for nanny in cluster.workers.values()} <= before and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not {nanny.pid for nanny in cluster.workers.values()} <= before


def test_local_processes_give_the_same(register, parquet_files):
    assert same(register, yrd.from_register(parquet_files, years=YEARS, scheduler=2))


def write(tmp_path, text, name="firms.csv"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_previous_coordinates_and_codes_tell_the_same_move(tmp_path):
    seats = yrd.load_units()
    lon, lat = seats.loc[320500, ["seat_lon", "seat_lat"]]
    rows = ["industry,opened,unit,moved,previous_unit,previous_lon,previous_lat"]
    rows += [f"C3911,2001-01-01,330100,2003-05-01,320505,,\nC3911,2001-01-01,330106,2003-05-01,,{lon},{lat}"]
    register = yrd.from_register(write(tmp_path, "\n".join(rows)), years=range(2001, 2005))
    flows = register.flows().query("flow > 0")
    assert flows.to_numpy().tolist() == [[320500, 330100, 2003, 2]]
    stock = register.table("stock")["C39"].unstack("year")
    assert stock.loc[320500].tolist() == [2, 2, 0, 0]
    assert stock.loc[330100].tolist() == [0, 0, 2, 2]


def test_previous_coordinates_on_a_cluster(tmp_path, cluster):
    seats = yrd.load_units()
    lines = ["industry,opened,lon,lat,moved,previous_lon,previous_lat"]
    for code in (320500, 330100, 310000):
        lon, lat = seats.loc[code, ["seat_lon", "seat_lat"]]
        lines.append(
            f"3911,2001-01-01,{lon},{lat},2002-02-02,{seats.seat_lon[341000]},{seats.seat_lat[341000]}"
        )
    path = write(tmp_path, "\n".join(lines))
    here = yrd.from_register(path, years=range(2001, 2004))
    assert here.flows()["flow"].sum() == 3
    assert same(here, yrd.from_register(path, years=range(2001, 2004), scheduler=cluster.scheduler_address))


def test_shifted_coordinates_are_brought_back_when_the_user_says_so(tmp_path):
    from yrdspatial.industry.register.coordinates import to_gcj02

    square = gpd.GeoDataFrame(
        geometry=[shapely.box(121.0, 31.0, 121.5, 31.5)], index=pd.Index(["A"]), crs=4326
    )
    lon, lat = to_gcj02(121.4995, 31.2)  # the shift puts it over the eastern edge
    path = write(tmp_path, f"industry,opened,lon,lat\n3911,2001-01-01,{lon},{lat}\n")
    ask = {"years": [2001], "shapes": square}
    assert yrd.from_register(path, crs="gcj02", **ask).firms == 1
    assert yrd.from_register(path, **ask).firms == 0


def test_names_of_columns_editions_by_row_and_county_codes(tmp_path):
    text = (
        "机构,代码,版本,成立日期,行政区划\n"
        "a,C37,2002,2001-01-01,320505\nb,C372,2002,2001/1/1,310115\nc,79,2011,20010101,330102\nd,C37,1066,20010101,330102\n"
    )
    columns = {
        "firm": "机构",
        "industry": "代码",
        "edition": "版本",
        "opened": "成立日期",
        "unit": "行政区划",
    }
    register = yrd.from_register(write(tmp_path, text), years=[2001], columns=columns)
    table = register.table(year=2001)
    assert table.loc[310000, "C36"] == 1
    assert table.loc[330100, "O80"] == 1
    assert register.report["problem"].tolist() == [
        "no such industry code in its edition",
        "an industry that a later edition divided",
    ]


def test_a_date_may_be_a_date_and_a_code_a_number(tmp_path):
    frame = pd.DataFrame(
        {
            "unit": [320500.0, 310000.0],
            "industry": [3911, 3911],
            "opened": pd.to_datetime(["2001-05-01 08:00", "2001-05-02 00:00"]),
            "closed": ["2002-05-01 00:00:00", None],
        }
    )
    frame.to_parquet(tmp_path / "firms.parquet")
    register = yrd.from_register(tmp_path / "firms.parquet", years=[2001, 2002])
    assert register.table("stock").loc[320500, "C39"].tolist() == [1, 0]
    assert register.table("deaths").loc[320500, "C39"].tolist() == [0, 1]
    assert register.report.empty


def test_a_firm_closed_on_the_census_day_is_not_alive(tmp_path):
    text = "unit,industry,opened,closed\n320500,39,2001-12-31,2002-12-31\n"
    register = yrd.from_register(write(tmp_path, text), years=[2000, 2001, 2002])
    assert register.table("stock").loc[320500, "C39"].tolist() == [0, 1, 0]


def test_the_measures_of_industry_read_the_table(register):
    table = register.table("stock", year=2015)
    quotients = yrd.location_quotient(table)
    share = table["C39"] / table.sum(axis=1) / (table["C39"].sum() / table.to_numpy().sum())
    pd.testing.assert_series_equal(quotients["C39"], share, check_names=False, rtol=1e-12)  # the definition
    assert quotients.attrs["basis"] == "firms"
    assert any("31 December" in note for note in quotients.attrs["notes"])


def test_the_flows_are_ready_for_the_flow_models(register):
    flows = register.flows("subsidiaries")
    assert flows.columns.tolist() == ["origin", "destination", "year", "flow"]
    assert len(flows) == len(YEARS) * 41**2


def test_the_reachable_names():
    assert inspect.unwrap(yrd.industry.from_register) is inspect.unwrap(yrd.from_register)
    assert yrd.industry.FirmRegister is yrd.FirmRegister


HEAD = "unit,industry,opened\n"


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"years": [2001, 2003]}, "SpecificationError", "follow one after another"),
        ({"years": []}, "SpecificationError", "follow one after another"),
        ({"years": 2001}, "SpecificationError", "whole numbers"),
        ({"census": "easter"}, "SpecificationError", "census"),
        ({"edition": 2020}, "SpecificationError", "edition 2020"),
        ({"crs": "mars"}, "SpecificationError", "coordinates"),
        ({"columns": {"name": "x"}}, "SpecificationError", "no such role"),
        ({"columns": {"closed": "x"}}, "DataError", "a column is missing: x"),
        ({"shapes": "delta"}, "AlignmentError", "shapes"),
        ({"scheduler": "tcp://127.0.0.1:1"}, "ExecutionError", "cluster"),
        ({"scheduler": 0}, "SpecificationError", "workers"),
    ],
)
def test_bad_options_are_refused(tmp_path, monkeypatch, options, error, says):
    monkeypatch.setattr("yrdspatial.execution.crews.PATIENCE", 1)
    path = write(tmp_path, HEAD + "320500,39,2001-01-01\n")
    with pytest.raises(getattr(yrd.errors, error), match=says):
        from_register(path, **{"years": [2001], **options})


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("unit,opened", "industry"),
        ("unit,industry", "opened"),
        ("industry,opened", "unit"),
        ("industry,opened,lon", "lat"),
        ("unit,industry,opened,parent", "firm"),
        ("unit,industry,opened,previous_unit", "moved"),
    ],
)
def test_columns_that_are_needed(tmp_path, header, says):
    with pytest.raises(yrd.errors.DataError, match=says):
        yrd.from_register(write(tmp_path, header + "\n"), years=[2001])


def test_files_that_are_none(tmp_path):
    good = write(tmp_path, HEAD + "320500,39,2001-01-01\n")
    (tmp_path / "folder.csv").mkdir()
    for path in (
        "nowhere.csv",
        tmp_path,
        tmp_path / "folder.csv",
        "https://example.org/firms.csv",
        "a\0b.csv",
        5,
        [],
    ):
        with pytest.raises(yrd.errors.DataError):
            from_register(path, years=[2001])
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(yrd.errors.DataError, match="no ordinary file"):
        yrd.from_register(tmp_path / "pipe.csv", years=[2001])
    with pytest.raises(yrd.errors.DataError, match="of one kind"):
        yrd.from_register([good, write(tmp_path, "x", "firms.pickle")], years=[2001])


@pytest.mark.parametrize("name", ["firms.parquet", "firms.csv"])
def test_files_that_are_not_what_they_say(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(HEAD.encode() + b"320500,39,2001-01-01,too,many\n" + "上海,39,2001".encode("gbk"))
    with pytest.raises(yrd.errors.DataError, match="cannot be read"):
        from_register(path, years=[2001])


def test_an_empty_register_is_a_table_of_zeros(tmp_path):
    register = yrd.from_register(write(tmp_path, HEAD), years=[2001])
    assert (register.rows, register.firms, register.table().to_numpy().sum()) == (0, 0, 0)
    with pytest.raises(yrd.errors.SpecificationError, match="no flow"):
        register.flows("moves")
    with pytest.raises(yrd.errors.SpecificationError, match="no measure"):
        register.table("weight")
    with pytest.raises(yrd.errors.SpecificationError, match="no year"):
        register.table(year=1999)


def test_sums_too_large_to_be_exact_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("yrdspatial.industry.register.running.HUGE", 1e6)
    path = write(tmp_path, "unit,industry,opened,capital\n320500,39,2001-01-01,5\n")
    with pytest.raises(yrd.errors.DataError, match="too large"):
        from_register(path, years=[2001])


def test_formulas_in_cells_are_text(tmp_path):
    path = write(tmp_path, "unit,industry,opened,firm\n320500,=cmd|' /C calc'!A0,2001-01-01,@SUM(A1)\n")
    assert from_register(path, years=[2001]).report["problem"].tolist() == [
        "no such industry code in its edition"
    ]


def test_the_problems_are_each_said_once():
    texts = [problem for problem, _, _ in tally.PROBLEMS]
    assert len(set(texts)) == len(texts)
