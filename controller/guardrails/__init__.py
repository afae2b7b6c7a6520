"""Guardrails: what no policy can cross. One file a kind; the file's name is the kind.

Each is built as `Class(scope, settings)`, has a class of its own (`rank`: law, safety or process), names the facts it
reads (`needs`), and says bounds at every tick, whatever the mode. It is pure: what it knows of the past is
`context.facts`. Found on disk by the registry; weighed against each other by controller/loop/limits.py.
"""
