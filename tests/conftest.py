"""What all tests share: in CI a test against a real server may not be skipped, and hypothesis repeats itself."""

import os

import pytest
from hypothesis import settings

IN_CI = bool(os.environ.get("CI"))

settings.register_profile("house", deadline=None, derandomize=IN_CI)
settings.load_profile("house")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if IN_CI and report.skipped and item.get_closest_marker("real") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} may not be skipped in CI: {call.excinfo.value}"
    return report
