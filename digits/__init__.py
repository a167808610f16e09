"""What the lessons share: getting data, drawing, keeping results, the command line."""
