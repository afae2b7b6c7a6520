"""The daemon's own config."""

import pytest

from controller.config.daemon import Address, DaemonPlan, load_daemon, loads_daemon
from controller.errors import ConfigError
from controller.quantities import Template


def refusal(text):
    with pytest.raises(ConfigError) as caught:
        loads_daemon(text, file="daemon.yaml")
    return str(caught.value)


def test_an_empty_file_is_a_daemon_on_loopback():
    assert loads_daemon("") == DaemonPlan()
    assert DaemonPlan().page.address.is_loopback
    assert DaemonPlan().metrics.address.is_loopback


def test_everything_can_be_set(tmp_path):
    file = tmp_path / "daemon.yaml"
    file.write_text("""
store: {path: data/x.journal, keep: 900d, backups: /backup, backup_every: 12h, least_free: 1000}
page: {on: false}
metrics: {address: "0.0.0.0:9420", behind: proxy}
logs: {level: debug, form: text}
alarms: {webhook: "https://hooks.example/${env:HOOK}", secret: "${env:HOOK_KEY}", repeat: 30m}
watchdog: {heartbeat: beat, every: 1s, patience: 30s}
""")
    plan = load_daemon(file)
    assert plan.store.path.path == f"{tmp_path}/data/x.journal"
    assert plan.store.backups.path == "/backup"
    assert plan.page.address == DaemonPlan().page.address
    assert plan.alarms.webhook == Template("https://hooks.example/${env:HOOK}")
    assert plan.watchdog.patience == 30.0


def test_an_open_address_is_refused_unless_something_asks_who_is_there():
    assert refusal('page: {address: "0.0.0.0:80"}') == (
        "daemon.yaml:1:17 page.address: business secrets, and nobody is asked who is there, received 0.0.0.0:80, "
        "allowed: a loopback address, or behind: proxy where something in front asks"
    )
    assert loads_daemon('page: {address: "[::1]:80"}').page.address == Address("::1", 80)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stoer: {}", "daemon.yaml:1:1 stoer: unknown key 'stoer'; did you mean 'store'?"),
        ('page: {address: "example.com:80"}', "not an address, received 'example.com:80'"),
        ('page: {address: "127.0.0.1:99999"}', "no such port"),
        ("page: {address: 80}", "not an address, received 80"),
        ('page: {address: "127.0.0.1:9420"}', "page.address: the metrics listen there already"),
        ("alarms: {secret: abc}", "a secret stands in the file"),
        ("store: {least_free: -1}", "out of range, received -1, allowed: 0 to 1000000"),
        ("watchdog: {every: 0s}", "a period is longer than nothing"),
        ("[]", "wrong type, received a list"),
        ("store: {path: 5}", "not a file name, received 5"),
    ],
)
def test_faults_are_located(text, said):
    assert said in refusal(text)
