"""Run with `python -m draw`, or from anywhere with the path of this folder."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the project's folder

from draw import make

make.main(make.parse())
