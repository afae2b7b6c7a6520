"""Contract checks of the families, shipped for authors of plugins: one file a family, one call a member.

Called by tests, here and elsewhere; each raises AssertionError with what was promised, what was found and where.
"""
