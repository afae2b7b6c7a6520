"""Tuning of one loop: process models, rules, and the margins that say what they are worth. Pure mathematics.

Called by identification, the tuner and the gate; calls numpy, scipy and models/pid/law.py. A plant or a gain is
a number or an array of shape (plants,). Knows no campaign: the unit of time is the caller's, the same for every
time handed in.
"""
