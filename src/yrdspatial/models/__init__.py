"""DOES IT SPILL OVER: spatial panel models, their effects and tests."""
