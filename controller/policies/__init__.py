"""Policies: how a deviation of a measured value becomes a move of an output. The file's name is the kind.

Found by controller/registry.py, built by assembly as `Class(scope, settings)`, called by the loop through
`controller.ports.Policy`. They see an Observation and Limits and nothing else of the world.
"""
