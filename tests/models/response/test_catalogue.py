"""The table of defaults is whole, and says what is disputed."""

import importlib
import pkgutil

import pytest

import models.response
from models.response import catalogue, nbd, pantry
from models.response.parameter import Parameter


def test_every_default_of_the_folder_is_in_the_table_once():
    constants = {
        f"{info.name.rpartition('.')[2]}.{name}": value
        for info in pkgutil.walk_packages(models.response.__path__, "models.response.")
        for name, value in vars(importlib.import_module(info.name)).items()
        if isinstance(value, Parameter)
    }
    rows = catalogue.rows()
    assert {row.name for row in rows} == set(constants)
    assert len(rows) == len(constants) >= 50
    for row in rows:
        assert row.low <= row.value <= row.high
        assert row.value == constants[row.name].value
        assert len(row.source) > 5


def test_the_table_carries_a_default_whole():
    row = next(row for row in catalogue.rows() if row.name == "pantry.SHARE")
    p = pantry.SHARE
    assert (row.value, row.low, row.high, row.unit, row.source, row.contested) == (
        p.value,
        p.low,
        p.high,
        p.unit,
        p.source,
        True,
    )


def test_what_is_disputed_can_be_asked_for():
    names = {row.name for row in catalogue.contested()}
    assert {
        "pantry.SHARE",
        "prospect.GAMMA",
        "small_discount.PREMIUM",
        "referral.K",
        "logit.ELASTICITY",
    } <= names
    assert "bg_nbd.R" not in names
    assert not nbd.SHAPE.contested


def test_a_package_that_imports_a_default_does_not_tell_it_twice():
    rows = catalogue.rows("models.response", "models.plants.parts")
    names = [row.name for row in rows]
    assert "lottery.TOP" in names
    assert "adstock.HALF_LIFE" in names
    assert "lottery.HALF_LIFE" not in names
    assert "lottery.HALF_LIFE" in {row.name for row in catalogue.rows("models.plants.parts")}
    assert len(names) == len(set(names))


def test_a_module_is_no_package():
    with pytest.raises(ValueError, match="is a module"):
        catalogue.rows("models.response.hill")
