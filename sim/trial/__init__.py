"""The field trial: policies against each other in every scenario, by the shared loss, between nothing and an oracle.

    entries   who takes part: rows of the evidence, or a policy written as in a config
    cases     what is played: a scenario on the first campaign on which it makes sense; the tasks
    play      one task: one entry in one case over all its futures, in any process
    field     from cases to what was found, kept in a folder and taken up again
    judge     scores where there is something to win, regret elsewhere, with their errors
    targets   what the trial must show, each met or missed
    table     all of it in words

Called by benchmarks/field_trial.py; calls sim.evidence for the runs and sim.sweep for who does them.
"""
