"""Run with `python -m draw`."""

from draw import make

make.main(make.parse())
