"""The lesson's network in NumPy alone."""
