"""A market from somebody's own data: read, fitted, tested on months that the fit has not seen, and written to a file.

`setpoint calibrate` calls `report.calibrate`; a simulation takes the file through `read` and stands on it with
`demand.CalibratedDemand`. Nothing here runs a loop, reads a clock or draws a number that is not keyed.
"""

from sim.calibration.calibrated import Calibrated
from sim.calibration.file import read

__all__ = ["Calibrated", "read"]
