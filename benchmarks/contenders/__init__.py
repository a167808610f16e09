"""One program for each contender of benchmarks.training, run in its own process."""
