"""Replay: a journal decided again by the real loop, and compared with what it holds."""
