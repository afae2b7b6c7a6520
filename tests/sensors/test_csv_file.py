"""csv_file: which row counts, and what gaps, duplicates, torn lines and clock changes are."""

from datetime import datetime

import numpy as np
import pytest

from controller.cells import Cells
from controller.clock import TickMaker
from controller.errors import SensorError
from controller.plan import Sensor
from controller.quantities import FileName, QuantityError
from controller.sensors.csv_file import CsvFileSensor, Settings
from controller.signals import Quality
from tests.sensors.worlds import HOUR, NOON

ONE = Cells(("all",))
THREE = Cells(("s1", "s2", "s3"))


@pytest.fixture
def read(tmp_path):
    def made(text, cells=ONE, now=NOON + 600, own=None, **declared):
        (tmp_path / "a.csv").write_bytes(text.encode() if isinstance(text, str) else text)
        settings = Settings(file=FileName("a.csv", str(tmp_path)), **{"value_column": "v", **(own or {})})
        declared = Sensor(kind="csv_file", **{"window": HOUR, "settle": 300.0, **declared})
        return CsvFileSensor(declared, settings, cells).read(TickMaker(cells, 60.0).at(now))

    return made


def hours(*rows):
    return "time,v\n" + "".join(f"2026-06-01T{hour}:00Z,{value}\n" for hour, value in rows)


def test_the_newest_settled_window_is_read_and_neither_the_running_one_nor_the_one_before(read):
    text = hours(("10:00", 4), ("11:00", 5), ("12:00", 1))
    found = read(text)
    assert (found.value.tolist(), found.window_end) == ([5.0], NOON)
    assert found.sampled_at.tolist() == [NOON]
    assert read(text, now=NOON + 240).value.tolist() == [4.0]


def test_a_gap_is_missing_and_never_the_row_before_it(read):
    found = read(hours(("10:00", 4), ("12:00", 1)))
    assert found.quality.tolist() == [Quality.MISSING]
    assert np.isnan(found.value).all()
    assert read("time,v\n").quality.tolist() == [Quality.MISSING]


def test_an_empty_field_is_missing(read):
    assert read(hours(("11:00", " "))).quality.tolist() == [Quality.MISSING]


def test_two_rows_of_one_window_are_bad_unless_the_last_one_corrects(read):
    text = hours(("11:00", 5), ("11:00", 7))
    found = read(text)
    assert found.quality.tolist() == [Quality.BAD]
    assert "several values for one cell" in found.note
    assert read(text, own={"duplicates": "last"}).value.tolist() == [7.0]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_without_a_window_the_newest_settled_row_counts_wherever_it_stands(read, order):
    rows = [("11:30", 3), ("11:58", 8), ("12:04", 9)]
    found = read(hours(*(rows[i] for i in order)), window=None, settle=600.0)
    assert found.value.tolist() == [8.0]
    assert found.sampled_at.tolist() == [NOON - 120]


def test_a_last_line_that_is_still_being_written_is_left_out(read):
    assert read(hours(("11:00", 5)) + "2026-06-01T11:00Z,9").value.tolist() == [5.0]


def test_cells_stand_below_each_other_or_side_by_side(read):
    long = "time,store,v,n\n" + "".join(
        f"2026-06-01T11:00Z,{c},{v},{9 * v}\n" for c, v in (("s2", 2), ("s1", 1), ("x", 7))
    )
    found = read(long, THREE, own={"cell_column": "store", "samples_column": "n"})
    assert found.value[:2].tolist() == [1.0, 2.0]
    assert found.samples[:2].tolist() == [9.0, 18.0]
    assert found.quality.tolist() == [Quality.GOOD, Quality.GOOD, Quality.MISSING]
    wide = "time,s1,north,s3\n2026-06-01T11:00Z,1,2,\n"
    found = read(wide, THREE, own={"value_column": None, "columns": {"s2": "north"}})
    assert found.value[:2].tolist() == [1.0, 2.0]
    assert found.quality.tolist() == [Quality.GOOD, Quality.GOOD, Quality.MISSING]


def test_rows_of_strangers_only_are_not_an_empty_answer(read):
    with pytest.raises(SensorError, match="received 'x', expected 's1', 's2', 's3'"):
        read("time,store,v\n2026-06-01T11:00Z,x,1\n", THREE, own={"cell_column": "store"})


@pytest.mark.parametrize(
    "value", ["NaN", "inf", "1e999", "null", "true", "many", "1_000", "1,5".replace(",", ";"), "0x1f"]
)
def test_what_is_no_plain_number_is_bad(read, value):
    found = read(hours(("11:00", value)))
    assert found.quality.tolist() == [Quality.BAD]
    assert np.isnan(found.value).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("time,w\n", "no column 'v', received time, w"),
        ("", "no header"),
        ("time,v,v\n", "stands twice"),
        (hours(("11:00", "5,6")), "line 2 has not as many fields"),
        ("time,v\n2026-06-01T11:00Z\n", "line 2 has not as many fields"),
        ('time,v\n2026-06-01T11:00Z,"5\n', "unexpected end of data"),
        (hours(("11:00", 5)) + "soon,6\n", "'soon' is not a time"),
        (b"time,v\n2026-06-01T11:00Z,\xff\n", "utf-8"),
    ],
)
def test_a_file_that_is_torn_gives_no_reading(read, text, words):
    with pytest.raises(SensorError, match=words):
        read(text)


def test_a_file_that_is_not_there_or_too_large_gives_no_reading(read, tmp_path):
    settings = Settings(file=FileName("b.csv", str(tmp_path)), value_column="v")
    with pytest.raises(SensorError, match=r"b\.csv"):
        CsvFileSensor(Sensor(kind="csv_file"), settings, ONE).read(TickMaker(ONE, 60.0).at(NOON))
    with pytest.raises(SensorError, match="larger than 10 bytes"):
        read(hours(("11:00", 5)), own={"max_bytes": 10})


def test_other_encodings_delimiters_and_byte_order_marks(read):
    assert read("\ufefftime,v\n2026-06-01T11:00Z,5\n").value.tolist() == [5.0]
    text = "time;v\n2026-06-01T11:00Z;5\n".encode("utf-16")
    assert read(text, own={"encoding": "utf-16", "delimiter": ";"}).value.tolist() == [5.0]
    with pytest.raises(SensorError, match="unknown encoding"):
        read(text, own={"encoding": "utf-99"})


@pytest.mark.parametrize("day", ["2026-03-28", "2026-03-29", "2026-10-25", "2026-06-01"])
def test_a_civil_day_is_one_window_though_it_has_23_or_25_hours(read, day):
    cells = Cells(("all",), zones=("Europe/Berlin",))
    after = datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp() + 36 * HOUR
    found = read(f"time,v\n{day},5\n", cells, now=after, window=24 * HOUR)
    assert found.value.tolist() == [5.0]
    length = {"2026-03-29": 23, "2026-10-25": 25}.get(day, 24)
    assert found.window_end - found.window_start == length * HOUR


def test_ambiguous_local_hours_spoil_the_file_unless_they_carry_their_offset(read):
    berlin = {"timezone": "Europe/Berlin"}
    text = "time,v\n2026-10-25T02:00,5\n"
    with pytest.raises(SensorError, match="comes twice in Europe/Berlin"):
        read(text, own=berlin)
    now = datetime.fromisoformat("2026-10-25T02:10:00+00:00").timestamp()
    text = "time,v\n2026-10-25T02:00+02:00,5\n2026-10-25T02:00+01:00,6\n"
    assert read(text, now=now, own=berlin).value.tolist() == [6.0]
    assert read(text, now=now - HOUR, own=berlin).value.tolist() == [5.0]


def test_settings_that_do_not_fit_are_refused(read):
    with pytest.raises(QuantityError, match="3 cells and a single value_column"):
        read("", THREE)
    with pytest.raises(QuantityError, match="cell_column without value_column"):
        read("", THREE, own={"value_column": None, "cell_column": "store"})
    with pytest.raises(QuantityError, match="can't be asked"):
        read("", alive="x")
