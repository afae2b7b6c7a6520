"""Twists: what some markets do beside answering, one a file, each put around any plant."""
