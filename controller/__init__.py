"""Setpoint's loop and all that runs live; the middle floor.

Imports `models`; never imports `sim`. The three packages have plain names, so this face first makes sure that
`models` and `sim` are the ones installed beside it, and says what shadows them if they aren't.
"""

from controller.beside import require_beside

require_beside(__name__, __file__, ("models", "sim"))
