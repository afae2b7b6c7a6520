"""The simulated market: a plant over base demand, with levers, signals, and ports like those of the live world."""
