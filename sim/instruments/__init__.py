"""What stands between a loop and any market: how a signal reaches its sensor, and how an order reaches its lever.

    feed     Feed, Lie      from a signal to what its sensor says
    drive    Drive, Cap     from an order to what is in force

Declared by scenarios, tests and demos, in a World; pure data, perfect where nothing is said. Acted out by
sim.market.receiver and sim.market.levers, in front of which the in-process ports and the HTTP server stand alike.
"""

from sim.instruments.drive import Cap, Drive
from sim.instruments.feed import Feed, Lie

__all__ = ["Cap", "Drive", "Feed", "Lie"]
