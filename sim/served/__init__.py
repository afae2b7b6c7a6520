"""The market over HTTP: the same market as a real server, for a daemon in another process, or for a person with curl.

On the wire all times are the wall's, in UTC seconds; inside, the market's clock runs `speed` times as fast. One thread,
one event loop: nothing here is locked. Called by `setpoint market`, the tests and the demo; calls sim.market.build.
"""
