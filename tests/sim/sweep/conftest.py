"""A Dask cluster that the tests of this folder share; those that kill parts of it have one of their own."""

import pytest

from tests.sim.sweep import cluster_kit


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """The address of a cluster of two workers, the second of two threads."""
    folder = tmp_path_factory.mktemp("dask")
    with (
        cluster_kit.scheduler(folder) as (address, _),
        cluster_kit.worker(folder, address, "one"),
        cluster_kit.worker(folder, address, "two", threads=2),
    ):
        cluster_kit.wait_for(address, 2)
        yield address
