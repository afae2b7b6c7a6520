"""`setpoint demo`: a campaign kept at its target in front of your eyes, on a simulated market."""
