"""What tests of the served market share."""

from prometheus_client.parser import text_string_to_metric_families

STORES = ("north", "south", "west")


def series(client):
    """Values on the metrics page by name and labels."""
    page = client.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain")
    families = list(text_string_to_metric_families(page.body.decode()))
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in families
        for sample in family.samples
    }
