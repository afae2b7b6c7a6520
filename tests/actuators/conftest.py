"""Tries of one order follow each other without waiting."""

import pytest


@pytest.fixture(autouse=True)
def _no_waiting():
    import stamina

    stamina.set_testing(True, attempts=3)
    yield
    stamina.set_testing(False)
