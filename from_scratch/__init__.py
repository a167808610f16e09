"""The lessons' networks in NumPy alone, gradient-checked, beside what is published."""
