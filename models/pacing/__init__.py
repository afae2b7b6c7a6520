"""Spending along a plan: how much by when, how fast from here, at what price, and when a deviation is only noise.

    plan          the share of expected demand between two moments, and the level that spends what is left over it
    dual          the budget's multiplier: projected sub-gradient and dual PID steps
    hysteresis    bucketised steps for budgets too small to be steered finely
    hindsight     what the best spending would have brought, had everything been known
    ratio         posterior of a ratio of few events: mean, interval, and how large a step it is good for

Called by controller.loop, controller.guardrails and controller.policies; mathematics only: numpy (scipy for intervals),
no time of day, no domain objects.
"""
