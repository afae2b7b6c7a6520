"""What is believed of each arm, from what was seen of it: conjugate posteriors over cells and arms, with forgetting.

    beta_binomial    shares: conversions, redemptions
    gamma_poisson    rates: purchases an exposure
    normal_gamma     amounts with unknown mean and spread: revenue an exposure

One shape for all: `KIND.none(cells, arms, ...)`, `seen(...)`, `mean`, `density(x)`, `below(x)`, `quantile(p)`, and the
sufficient sums as arrays of shape (cells, arms). Never changed, only replaced. Forgetting keeps the newest epoch whole:

    S_t = keep S_(t-1) + s_t        (Raj & Kalyani 2017, discounted Thompson sampling; the prior is not forgotten)

Mathematics only: numpy and scipy.
"""
