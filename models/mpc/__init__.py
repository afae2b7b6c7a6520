"""Predictive control: what is coming foretold from what was put in, and the inputs that bring it to where it should be.

answers (how the measured value follows each input), problem (the quadratic programme of one execution), qp (its
solution for many cells at once), steady (which inputs carry the target most cheaply), design (how much of a surprise
is believed at once, so that the loop keeps its margins), shared (money that cells share), with_osqp (a peer).
"""
