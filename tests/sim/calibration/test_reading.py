"""Bad data: each kind gets an error that says what can be done, or a treatment that is counted and shown."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from controller.errors import ConfigError, SetpointError
from sim.calibration.asked import Asked
from sim.calibration.reading import read
from tests.sim.calibration import kit


@pytest.fixture(scope="module")
def sales():
    return kit.rows(kit.counted(84)[0])


@pytest.fixture
def given(tmp_path):
    def at(table, names=("time", "units"), **asked):
        return read(kit.write(tmp_path / "sales.csv", table, names), Asked(**asked))[0]

    return at


def noted(series, what):
    found = [each for each in series.treated if each.what == what]
    assert len(found) == 1, [each.what for each in series.treated]
    return found[0]


def refused(given, table, *words, **asked):
    with pytest.raises(ConfigError) as fault:
        given(table, **asked)
    for word in words:
        assert word in str(fault.value), str(fault.value)
    return fault.value


def test_a_clean_file_comes_out_as_it_stands(given, sales):
    made = given(sales, timezone="Asia/Shanghai")
    assert np.array_equal(made.values, kit.counted(84)[0])
    assert (made.span[0], made.days, made.slots, made.zone) == (kit.MONDAY, 84, 24, "Asia/Shanghai")
    assert made.treated == ()
    assert len(made.digest) == 64


def test_missing_hours_are_unknown_unless_they_are_said_to_be_zero(given, sales):
    holes = [row for number, row in enumerate(sales) if number % 50 != 17]
    unknown = given(holes)
    assert noted(unknown, "gaps").count == np.isnan(unknown.values).sum() == len(sales) - len(holes)
    zero = given(holes, gaps="zero")
    assert noted(zero, "gaps").count == len(sales) - len(holes)
    assert np.isfinite(zero.values).all()


def test_hours_left_out_for_having_no_sale_are_suspected(given, sales):
    made = given([row for row in sales if row[1] != "0"])
    assert "--gaps zero" in noted(made, "gaps").text


def test_an_empty_cell_is_unknown_even_where_missing_rows_are_zero(given, sales):
    made = given(
        [(stamp, "NA" if n in (40, 41) else count) for n, (stamp, count) in enumerate(sales)], gaps="zero"
    )
    assert noted(made, "empty").count == 2
    assert np.isnan(made.values).sum() == 2


def test_rows_that_repeat_exactly_count_once(given, sales):
    made = given([*sales, *sales[100:103]])
    assert noted(made, "duplicates").count == 3
    assert noted(made, "order").count == 1
    assert np.array_equal(made.values, kit.counted(84)[0])


def test_two_counts_of_one_hour_are_refused_or_treated_as_said(given, sales):
    stamp, count = sales[100]
    double = [*sales[:101], (stamp, f"{float(count) + 5:g}"), *sales[101:]]
    refused(given, double, "sales.csv:103:1", "line 102", "--duplicates sum", "--duplicates last")
    assert given(double, duplicates="sum").values.sum() == pytest.approx(
        kit.counted(84).sum() + float(count) + 5
    )
    last = given(double, duplicates="last")
    assert last.values.ravel()[100] == float(count) + 5
    assert noted(last, "duplicates").count == 1


def test_the_hour_that_the_clock_shows_twice_is_no_duplicate(given, sales):
    # Berlin's clock goes back on 26 October 2025: 02:00 is there twice
    first = date(2025, 9, 29)
    table = kit.rows(kit.counted(84)[0], first)
    at = next(n for n, row in enumerate(table) if row[0] == "2025-10-26 02:00")
    double = [*table[:at], ("2025-10-26 02:00", "4"), ("2025-10-26 02:00", "8"), *table[at + 1 :]]
    made = given(double, timezone="Europe/Berlin")
    assert noted(made, "clock").count == 1
    assert made.values.ravel()[at] == 6.0
    refused(given, double, "with another count")  # without a zone nobody knows


def test_the_hour_that_the_clock_skips_can_hold_no_sale(given):
    table = kit.rows(kit.counted(84)[0] + 1.0, date(2025, 3, 3))
    refused(given, table, "does not exist in Europe/Berlin", "--utc", timezone="Europe/Berlin")


def test_utc_stamps_need_the_zone_of_the_shops_and_are_booked_on_its_days(given, sales):
    start = datetime(2025, 3, 2, 16, tzinfo=UTC)  # Monday 00:00 in Shanghai
    table = [((start + timedelta(hours=n)).isoformat(), count) for n, (_, count) in enumerate(sales)]
    refused(given, table, "--timezone", "wrong day")
    made = given(table, timezone="Asia/Shanghai")
    assert np.array_equal(made.values, kit.counted(84)[0])
    bare = [(stamp[:16], count) for stamp, count in table]
    assert np.array_equal(given(bare, timezone="Asia/Shanghai", utc=True).values, made.values)


def test_stamps_that_look_like_utc_are_suspected(given, sales):
    table = [(stamp, sales[(n + 12) % len(sales)][1]) for n, (stamp, _) in enumerate(sales)]
    assert "--utc" in noted(given(table), "quiet hours").text


def test_two_time_zones_in_one_file_are_refused(given, sales):
    def offset(n):
        return "+08:00" if n < 1000 else "+01:00"

    table = [(stamp + offset(n), count) for n, (stamp, count) in enumerate(sales)]
    refused(given, table, "two time zones", "+08:00 on 1,000", "+01:00", timezone="Asia/Shanghai")
    some = [(stamp + ("Z" if n == 7 else ""), count) for n, (stamp, count) in enumerate(sales)]
    refused(given, some, "some stamps say their offset", "line 9", timezone="Asia/Shanghai")


def test_summer_and_winter_time_of_one_zone_are_not_two_zones(given):
    start = datetime(2025, 9, 28, 22, tzinfo=UTC)
    counts = kit.rows(kit.counted(84)[0])
    berlin = ZoneInfo("Europe/Berlin")
    table = [
        ((start + timedelta(hours=n)).astimezone(berlin).isoformat(), count)
        for n, (_, count) in enumerate(counts)
    ]
    assert len({stamp[-6:] for stamp, _ in table}) == 2
    made = given(table, timezone="Europe/Berlin")
    assert noted(made, "clock").count == 1
    assert noted(made, "zone").count == len(table)


def test_counts_below_zero_are_refused_or_unknown_as_said(given, sales):
    table = [(stamp, "-3" if n in (12, 900) else count) for n, (stamp, count) in enumerate(sales)]
    fault = refused(given, table, "received -3", "--negative unknown")
    assert [problem.line for problem in fault.problems] == [14, 902]
    made = given(table, negative="unknown")
    assert noted(made, "negative").count == 2
    assert np.isnan(made.values).sum() == 2


def test_what_is_no_number_is_named_with_its_line(given, sales):
    table = [
        (stamp, {5: "many", 6: '"1,5"', 7: "inf"}.get(n, count)) for n, (stamp, count) in enumerate(sales)
    ]
    fault = refused(given, table, "'many'", "'1,5'", "'inf'")
    assert [problem.line for problem in fault.problems] == [7, 8, 9]
    fault = refused(given, [("01/02/2025", "1")] * 30, "not a stamp", "allowed", "and 22 more lines")
    assert len(fault.problems) == 9


def test_a_constant_series_three_days_and_few_sales_are_refused(given, sales):
    refused(given, [(stamp, "5") for stamp, _ in sales], "constant", "5")
    refused(given, sales[:72], "3 days", "at least 8 weeks")
    thin = [(stamp, "1" if n % 24 == 12 else "0") for n, (stamp, _) in enumerate(sales)]
    thin[12] = (thin[12][0], "2")
    refused(given, thin, "a day in the mean", "at least 10")


def test_rows_in_the_future_are_refused_with_the_day_to_stop_at(given, sales):
    now = datetime(2025, 5, 20, 12, tzinfo=UTC).timestamp()
    refused(given, sales, "in the future", "--until 2025-05-19", timezone="UTC", now=now)
    assert given(sales, timezone="UTC", until=date(2025, 5, 19), now=now).span[1] == date(2025, 5, 19)


def test_rows_out_of_order_are_sorted_and_counted(given, sales):
    table = sales.copy()
    table[10], table[20] = table[20], table[10]
    made = given(table)
    assert noted(made, "order").count > 0
    assert np.array_equal(made.values, kit.counted(84)[0])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "the file is empty"),
        (b"\n \n", "the file is empty"),
        (b"time,units\n", "no rows"),
        (b"2025-01-01,5\n", "must name the columns"),
        (b"only\n5\n", "a column of stamps"),
        (b"time,units\n2025-01-01,5,7\n", "3 cells in this line"),
        (b"a,b,c\n1,2,3\n", "--time"),
        (b"time,b,c\n1,2,3\n", "--value"),
        (b"time,time\n1,2\n", "two columns are called 'time'"),
        (b"trips,households\n1,188\n", "--trips"),
        ("time,ventes\n2025-01-01,5é\n".encode("latin-1"), "UTF-8"),
        (b"time,units\n2025-01-01,5\n2025-01-08,5\n2025-01-15,6\n", "7 days apart"),
    ],
)
def test_files_that_are_no_table_say_so(tmp_path, text, words):
    path = tmp_path / "sales.csv"
    path.write_bytes(text)
    with pytest.raises(ConfigError, match=words):
        read(path, Asked())


def test_columns_are_named_by_the_user_or_found(given, sales):
    with pytest.raises(ConfigError, match="no column is called 'unit'; did you mean 'units'"):
        given(sales, value="unit")
    table = [(stamp, "7", count) for stamp, count in sales]
    made = given(table, ("day", "till", "sold"), time="day", value="sold", unit="bottles")
    assert made.unit == "bottles"
    assert np.array_equal(made.values, kit.counted(84)[0])


def test_semicolons_blank_lines_and_a_byte_order_mark_are_read(tmp_path, sales):
    path = tmp_path / "sales.csv"
    path.write_bytes(
        b"\xef\xbb\xbf" + "\n".join(";".join(row) for row in [("time", "units"), *sales]).encode() + b"\n\n\n"
    )
    made, _ = read(path, Asked())
    assert np.array_equal(made.values, kit.counted(84)[0])
    assert noted(made, "blank").count == 2


def test_parts_of_an_hour_are_summed_and_a_broken_hour_is_unknown(given, sales):
    quarters = [
        (f"{stamp[:14]}{minute:02d}", f"{float(count) / 4:g}")
        for stamp, count in sales
        for minute in (0, 15, 30, 45)
    ]
    made = given(quarters)
    assert np.array_equal(made.values, kit.counted(84)[0])
    assert noted(made, "summed").count == len(quarters)
    broken = given([row for n, row in enumerate(quarters) if n != 4 * 37 + 2])
    assert np.isnan(broken.values.ravel()[37])
    assert noted(broken, "gaps").count == 1


def test_single_events_of_one_stamp_are_not_taken_for_repeats(given, sales):
    events = [
        (f"{stamp[:13]}:{7 * n % 60:02d}:{13 * n % 60:02d}", "1")
        for n, (stamp, _) in enumerate(sales)
        for _ in "ab"
    ]
    events = [row for n, row in enumerate(events) if n % 5]
    refused(given, events, "events of their own", gaps="zero")
    made = given(events, gaps="zero", duplicates="sum")
    assert made.values.sum() == len(events)


def test_days_are_read_as_days_and_hours_can_be_summed_to_days(given, sales):
    whole = kit.counted(84)[0].sum(axis=1, keepdims=True)
    assert np.array_equal(given(kit.rows(whole)).values, whole)
    assert np.array_equal(given(sales, kind="daily").values, whole)
    refused(given, kit.rows(whole), "--kind hourly", kind="hourly")


def test_a_shut_day_is_closed_and_a_weekday_that_never_sells_is_not(given):
    values = kit.counted(84)[0]
    values[30] = 0.0
    values[6::7] = 0.0
    made = given(kit.rows(values))
    assert np.flatnonzero(made.closed).tolist() == [30]
    assert "2025-04-02" in noted(made, "closed").text
    assert noted(made, "zero days").count == 12


def test_a_last_day_that_is_there_in_part_is_left_out_where_missing_hours_are_zero(given, sales):
    made = given([row for row in sales[:-10] if row[1] != "0"], gaps="zero")
    assert made.days == 83
    assert noted(made, "ends").count == 1


def test_days_are_left_out_as_asked(given, sales):
    made = given(sales, without=((date(2025, 3, 10), date(2025, 3, 12)),))
    assert np.isnan(made.values).any(axis=1).sum() == noted(made, "without").count == 3
    assert "2025-03-10 to 2025-03-12" in noted(made, "without").text


def test_money_is_counted_in_larger_units(given):
    values = np.round(kit.counted(84)[0] * 40.0)
    refused(given, kit.rows(values), "variance over mean", "--unit-size 100")
    made = given(kit.rows(values), unit_size=100.0)
    assert made.unit == "100 units"
    assert np.allclose(made.values, values / 100.0)


def test_an_unknown_zone_is_refused_with_the_nearest():
    from sim.calibration.stamps import zone_of

    with pytest.raises(SetpointError, match="did you mean 'Asia/Shanghai'"):
        zone_of("Asia/Shangai")
