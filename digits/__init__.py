"""What the lessons import: data, metrics, plots, the saving of results."""
