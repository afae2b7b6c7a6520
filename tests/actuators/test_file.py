"""The flag document: other people's flags, crashes, two writers, and a real OpenFeature client that reads it."""

import json
from dataclasses import replace

import numpy as np
import pytest

from controller.checks.actuators import order
from controller.errors import Unreachable
from controller.io import files
from controller.signals import Landing
from tests.actuators.worlds import FileWorld


@pytest.fixture
def world(tmp_path):
    return FileWorld(tmp_path, ("all",))


@pytest.fixture
def stores(tmp_path):
    return FileWorld(tmp_path)


def test_other_flags_stay_as_they_are(world):
    others = {
        "$schema": "https://flagd.dev/schema/v0/flags.json",
        "metadata": {"owner": "shop"},
        "flags": {"banner": {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "on",
                             "targeting": {"if": [{"==": [{"var": "land"}, "中国"]}, "off", None]}}},
    }  # fmt: skip
    world.path.write_text(json.dumps(others))
    world.actuator().apply(order(world, 1, 0.0625))
    document = world.document()
    assert document["flags"].pop("win_rate")["variants"] == {"now": 0.0625, "fallback": 0.03125}
    assert document["flags"].pop("win_rate_offered")["defaultVariant"] == "on"
    assert document == others


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"flags": []}', '{"flags": {"a": 1, "a": 2}}', '{"flags": {"other": {"x": NaN}}}'],
)
def test_a_document_that_is_none_is_never_overwritten(world, text):
    world.path.write_text(text)
    with pytest.raises(Unreachable, match=str(world.path)):
        world.actuator().apply(order(world, 1, 0.0625))
    assert world.path.read_text() == text


def test_a_crash_before_the_replacement_leaves_the_old_document_whole(world, monkeypatch):
    actuator = world.actuator()
    actuator.apply(order(world, 1, 0.0625))
    before = world.path.read_bytes()

    def no_disk(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", no_disk)
    with pytest.raises(Unreachable, match="No space left"):
        actuator.apply(order(world, 2, 0.125))
    assert world.path.read_bytes() == before
    assert [path.name for path in world.path.parent.iterdir() if path.name.endswith(".new")] == []


def test_file_and_folder_are_made_durable_in_that_order(world, monkeypatch):
    done = []
    real_sync, real_replace = files.os.fsync, files.Path.replace
    monkeypatch.setattr(files.os, "fsync", lambda handle: (done.append("fsync"), real_sync(handle)))
    monkeypatch.setattr(
        files.Path, "replace", lambda path, place: (done.append("replace"), real_replace(path, place))
    )
    world.actuator().apply(order(world, 1, 0.0625))
    assert done == ["fsync", "replace", "fsync"]


def test_two_writers_take_turns(world):
    with files.taking_turns(world.path), pytest.raises(Unreachable, match="another process is writing"):
        world.actuator().apply(order(world, 1, 0.0625))
    world.actuator().apply(order(world, 1, 0.0625))
    assert world.in_force() == 0.0625


def test_a_link_stays_a_link_and_permissions_stay_what_they_were(tmp_path):
    real = tmp_path / "v1"
    real.mkdir()
    world = FileWorld(tmp_path, ("all",))
    world.path.symlink_to(real / "flags.json")
    (real / "flags.json").write_text('{"flags": {}}')
    (real / "flags.json").chmod(0o640)
    world.actuator().apply(order(world, 1, 0.0625))
    assert world.path.is_symlink()
    assert (real / "flags.json").stat().st_mode & 0o777 == 0o640
    assert world.in_force() == 0.0625


def test_a_new_document_can_be_read_by_others(world):
    world.actuator().apply(order(world, 1, 0.0625))
    assert world.path.stat().st_mode & 0o044 == 0o044


def test_before_the_first_order_a_flag_set_by_hand_is_read(world):
    assert np.isnan(world.actuator().read_back().value).all()
    flag = {"state": "ENABLED", "variants": {"low": 0.03, "high": 0.08}, "defaultVariant": "high"}
    world.path.write_text(json.dumps({"flags": {"win_rate": flag}}))
    back = world.actuator().read_back()
    assert (back.value.tolist(), back.epoch) == ([0.08], None)
    for broken in (
        {**flag, "state": "DISABLED"},
        {**flag, "targeting": {"if": []}},
        {**flag, "variants": {"high": True}},
        7,
    ):
        world.path.write_text(json.dumps({"flags": {"win_rate": broken}}))
        back = world.actuator().read_back()
        assert np.isnan(back.value).all()
        assert back.landing.tolist() == [Landing.UNCONFIRMED]


def test_reads_back_the_fallback_once_the_lease_has_run_out(stores):
    actuator, sent = stores.actuator(), order(stores, 1, 0.0625)
    actuator.apply(sent)
    stores.clock.advance(3599.0)
    assert actuator.read_back().value.tolist() == sent.value.tolist()
    stores.clock.advance(1.0)
    back = actuator.read_back()
    assert back.value.tolist() == sent.fallback.tolist()
    assert back.note == "lease run out"


# -- a real client --------------------------------------------------------------------------------------------------


class Client:
    """An OpenFeature client over flagd's in-process provider, which watches the file."""

    def __init__(self, path) -> None:
        api = pytest.importorskip("openfeature.api")
        from openfeature.contrib.provider.flagd import FlagdProvider
        from openfeature.contrib.provider.flagd.config import ResolverType

        self.api = api
        provider = FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=str(path))
        api.set_provider_and_wait(provider)
        self.client = api.get_client()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self.api.shutdown()

    def value(self, store=None) -> float:
        return self.client.get_float_value("win_rate", -1.0, self.context(store))

    def offered(self, store=None) -> bool:
        return self.client.get_boolean_value("win_rate_offered", None, self.context(store))

    def context(self, store):
        from openfeature.evaluation_context import EvaluationContext

        return EvaluationContext("someone", {"store": store} if store else {})


@pytest.fixture
def at(monkeypatch):
    """Sets the clock that flagd compares a lease with."""
    targeting = pytest.importorskip("openfeature.contrib.tools.flagd.core.targeting.targeting")

    def set_to(moment: float) -> None:
        clock = type("Clock", (), {"time": staticmethod(lambda: moment)})
        monkeypatch.setattr(targeting, "time", clock)

    return set_to


def test_a_real_client_reads_the_value_and_falls_back_by_itself_when_the_lease_ends(world, at):
    world.actuator().apply(order(world, 1, 0.0625))
    with Client(world.path) as client:
        for moment, value in ((0.0, 0.0625), (3599.0, 0.0625), (3600.0, 0.03125), (86_400.0, 0.03125)):
            at(world.now + moment)
            assert client.value() == value, moment
        assert client.offered() is True


def test_a_real_client_without_a_lease_reads_the_value_for_ever(world, at):
    world.actuator().apply(order(world, 1, 2.0, lease=None))
    with Client(world.path) as client:
        at(world.now + 1e8)
        assert client.value() == 2.0


def test_a_real_client_reads_its_own_cell_and_elsewhere_the_safe_value(stores, at):
    suspended = replace(order(stores, 1, 0.0625), suspend=np.array([False, True, False]))
    stores.actuator().apply(suspended)
    with Client(stores.path) as client:
        at(stores.now + 60)
        assert [client.value(store) for store in ("s1", "s2", "s3")] == suspended.value.tolist()
        assert [client.value(store) for store in ("s9", None)] == [0.03, 0.03]
        assert [client.offered(store) for store in ("s1", "s2", "s3", None)] == [True, False, True, True]
        at(stores.now + 7200)
        assert [client.value(store) for store in ("s1", "s2", "s3")] == suspended.fallback.tolist()


def test_a_real_client_is_told_that_nothing_may_be_offered(world, at):
    world.actuator().apply(replace(order(world, 1, 0.0625), suspend=np.array([True])))
    with Client(world.path) as client:
        at(world.now)
        assert client.offered() is False
