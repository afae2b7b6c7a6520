"""Consumers: what people do with a campaign's offers, declared once, run as agents or as counts of segments."""
