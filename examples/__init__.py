"""Programs that only load a saved model: models of how other code would use it."""
