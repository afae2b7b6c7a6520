"""Variants of a campaign's file: which there are, and what is said of those that can't be."""

from pathlib import Path

import pytest

from controller.config import load, loads
from controller.errors import ConfigError, SetpointError
from sim.sweep.variants import MOST, VaryError, axis_of, read_variants, value_shown

FILE = Path("configs/cap_lottery.yaml")
GAIN = "loops.sales.policy.gain"


def variants(*axes, file=FILE):
    return read_variants(file, [axis_of(text) for text in axes])


def test_the_grid_has_the_file_as_written_and_every_combination():
    found = variants(f"{GAIN}=0.25,1", "actuators.win_rate.max_step=1 point, 2 points")
    assert [tuple(each.settings.values()) for each in found] == [
        (), (0.25, "1 point"), (0.25, "2 points"), (1, "1 point"), (1, "2 points"),
    ]  # fmt: skip
    plans = [loads(each.text) for each in found]
    assert [plan.loops["sales"].policy.settings.gain for plan in plans[1:]] == [0.25, 0.25, 1.0, 1.0]
    assert [plan.actuators["win_rate"].max_step for plan in plans[1:]] == pytest.approx(
        [0.01, 0.02, 0.01, 0.02]
    )
    assert plans[0].loops == load(FILE).loops, "the week's shape, a file beside it, included"


def test_every_variant_runs_in_auto_whatever_the_file_says():
    file = Path("configs/shortest.yaml")
    assert load(file).mode == "advise"
    assert {loads(each.text).mode for each in variants(f"{GAIN}=1", file=file)} == {"auto"}


def test_a_variant_is_the_file_edited_by_hand(tmp_path):
    text = FILE.read_text()
    written = load(FILE).loops["sales"].policy.settings.gain
    line = next(line for line in text.splitlines() if "gain:" in line)
    edited = tmp_path / "campaign.yaml"
    edited.write_text(text.replace(line, line.replace(f"gain: {written:g}", "gain: 0.75")))
    (tmp_path / "week.csv").write_bytes((FILE.parent / "week.csv").read_bytes())
    by_hand = read_variants(edited, [axis_of(f"{GAIN}=3")])[0]
    assert variants(f"{GAIN}=0.75")[1].text == by_hand.text


def test_keys_that_the_file_leaves_out_places_in_lists_and_whole_entries_can_vary():
    assert loads(variants("loss.mu=0.5")[1].text).loss.mu == 0.5
    assert loads(variants("actuators.win_rate.limits[1]=9%")[1].text).actuators["win_rate"].high == 0.09
    (_, fixed) = variants("loops.sales.policy={kind: fixed}")
    assert loads(fixed.text).loops["sales"].policy.kind == "fixed"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GAIN, "no values, received 'loops.sales.policy.gain', allowed: PATH=VALUE,VALUE"),
        (f"{GAIN}=", f"{GAIN}: an empty list, allowed: at least one value after the ="),
        (f"{GAIN}=1,2,1", f"{GAIN}: the value 1 is given twice, allowed: once"),
        (f"{GAIN}=[1", r"no list of YAML values, received '\[1': not YAML: while parsing a flow sequence"),
        (f"{GAIN}=1], [2", "no list of YAML values"),
        ("loops..gain=1", "not a path, received 'loops..gain', allowed: keys and dots"),
        ("=1", "not a path, received ''"),
        ("mode=auto", "mode: a simulation runs in auto whatever the file says"),
    ],
)
def test_an_axis_that_is_none_is_told(text, said):
    with pytest.raises(VaryError, match=said):
        axis_of(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "loops.salse.policy.gain=1",
            "loops.salse: nothing of that name is in the file; did you mean 'sales'? known: sales",
        ),
        (
            "loops.sales.every.x=1",
            'loops.sales.every.x: loops.sales.every is "2h" in the file, allowed: a path through',
        ),
        ("actuators.win_rate.limits[2]=9%", "actuators.win_rate.limits is a list of 2 in the file"),
        ("campaign[0]=x", "campaign is no list in the file"),
    ],
)
def test_a_path_that_the_file_does_not_have_is_told(text, said):
    with pytest.raises(VaryError) as told:
        variants(text)
    assert said in str(told.value)


@pytest.mark.parametrize(
    "axes", [(f"{GAIN}=1", f"{GAIN}=2"), (f"{GAIN}=1", "loops.sales.policy={kind: fixed}")]
)
def test_two_axes_for_one_part_are_told(axes):
    with pytest.raises(VaryError, match="set the same part of the file, allowed: one of them"):
        variants(*axes)


def test_too_large_a_grid_is_told_before_it_is_read():
    side = ",".join(str(n) for n in range(1, 102))
    with pytest.raises(VaryError, match=f"a grid of 10,201 variants, allowed: at most {MOST:,}"):
        variants(f"{GAIN}={side}", f"loops.sales.policy.setpoint_weight={side}")


def problems(*axes):
    with pytest.raises(ConfigError) as told:
        variants(*axes)
    return [problem.at("f") for problem in told.value.problems]


def line_of(text):
    return next(n for n, line in enumerate(FILE.read_text().splitlines(), 1) if text in line)


def test_a_fault_speaks_as_that_of_the_file_at_its_place():
    (unknown,) = problems("loops.sales.policy.gian=1")
    assert f"f:{line_of('gain:')}:" in unknown or f"f:{line_of('policy:')}:" in unknown
    assert (
        "loops.sales.policy.gian: unknown key 'gian' for policy kind 'pid'; did you mean 'gain'?" in unknown
    )
    assert unknown.endswith("(variant loops.sales.policy.gian=1)")
    (wrong,) = problems(f"{GAIN}=a")
    assert wrong.startswith(f"f:{line_of('gain:')}:")
    assert "loops.sales.policy.gain: wrong type, received 'a', allowed: a number" in wrong


def test_all_faults_come_at_once_and_each_once():
    found = problems(f"{GAIN}=a,b,1", "actuators.win_rate.max_step=1%,1 point")
    assert (
        len([each for each in found if "a change of a share is written in points, received '1%'" in each])
        == 1
    )
    assert (
        len([each for each in found if "received 'a'" in each])
        == len([e for e in found if "received 'b'" in e])
        == 1
    )


def test_a_fault_of_two_values_together_is_told_with_both():
    found = problems("actuators.win_rate.start=10%,5%", "actuators.win_rate.limits[1]=8%,12%")
    assert found
    assert all(
        each.endswith("(variant actuators.win_rate.start=10%, actuators.win_rate.limits[1]=8%)")
        for each in found
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("market.volum=3", "market.volum: unknown key 'volum'; did you mean 'volume'?"),
        ("market.levers.win_rate=x", "market.levers.win_rate: the market has no 'x'"),
        ("market.kind=lottery", "unknown market kind 'lottery'; did you mean 'cap_lottery'?"),
    ],
)
def test_a_market_that_can_t_be_is_told_before_anything_runs(text, said):
    with pytest.raises(SetpointError) as told:
        variants(text)
    assert said in str(told.value)
    assert f"(variant {text})" in str(told.value)


def test_a_faulty_file_is_told_before_its_variants(tmp_path):
    file = tmp_path / "campaign.yaml"
    file.write_text(FILE.read_text().replace("gain:", "gian:"))
    with pytest.raises(ConfigError, match="unknown key 'gian'") as told:
        variants(f"{GAIN}=1", file=file)
    assert "variant" not in str(told.value)


def test_a_file_without_a_market_says_what_to_add(tmp_path):
    file = tmp_path / "campaign.yaml"
    file.write_text(Path("configs/push_frequency.yaml").read_text().split("market:")[0] + "mode: advise\n")
    with pytest.raises(SetpointError, match="no market in this file; add market:"):
        variants("loops.activity.policy.gain=1", file=file)


def test_values_are_shown_as_they_were_written():
    assert [value_shown(v) for v in axis_of("a=0.5,1 point,[3%, 5%],true").values] == [
        "0.5", "1 point", '["3%","5%"]', "true",
    ]  # fmt: skip
