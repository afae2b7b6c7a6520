"""What is learnt of a plant while it is steered: a bank of first-order plants, weighed by how well each foretells.

Called by the policy with `tune: auto`; numpy only. Everything is in shares: measured values of their target, inputs of
the output's range, times of the execution's period.
"""
