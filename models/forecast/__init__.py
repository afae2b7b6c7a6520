"""Forecasts of a measured value: a week's profile, a local level, effects of holidays, intervals that hold.

    forecast = level x weight[hour of week] x effects

Arrays over cells throughout. week.py learns the profile and the level, effects.py what holidays and promotions do,
intervals.py how far off forecasts were, ahead.py puts them together. Called by the loop's facts and by whoever plans;
calls nothing; draws nothing.
"""
