"""Off-policy evaluation: what another policy would have got on a log. One estimator a file, its name the kind.

`_evaluate.evaluate` asks one of them or all; a value that the log can't support is refused. See `_base` for what an
estimator is and `_log` for what a log is.
"""
