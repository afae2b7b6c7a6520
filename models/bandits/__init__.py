"""Choosing among arms, on arrays over cells and arms.

    propensity    the chance that each arm has the highest draw: what Thompson sampling gives it, exactly

Mathematics only; the posteriors are those of models.posteriors, or anything with `density`, `below`, `quantile` and
`cells`.
"""
