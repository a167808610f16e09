"""hello_mnist.py itself, with clocks on what it calls.

The script runs unchanged; its calls are timed from outside. Each part counts its own
time only: what `fit` spends in `evaluate`, the measuring of both sets after each epoch,
counts as measuring.
"""

import json
import os
import runpy
import sys
import time
from collections import defaultdict
from pathlib import Path

from digits import command_line

parts = defaultdict(float)
running = []  # for each clocked call under way, the time its inner calls took
leave_at_once = os._exit


def put_clock_on(owner, name: str, part: str, inside: bool = False) -> None:
    """Add the time of `owner.name` to `parts[part]`, less that of clocked inner calls.

    With `inside`, only where it is called from another clocked call; elsewhere the
    time goes to "predicting".
    """
    call = getattr(owner, name)

    def with_clock(*args, **kwargs):
        counts_as = part if running or not inside else "predicting"
        running.append(0.0)
        start = time.perf_counter()
        try:
            return call(*args, **kwargs)
        finally:
            seconds = time.perf_counter() - start
            parts[counts_as] += seconds - running.pop()
            if running:
                running[-1] += seconds

    setattr(owner, name, with_clock)


def note_first_epoch(keras) -> None:
    """Put the training of the first epoch, which compiles, into a part of its own."""
    fit = keras.Model.fit

    def noting_fit(*args, **kwargs):
        start = time.perf_counter()

        def note(epoch, logs):
            if epoch == 0:
                parts["first epoch"] = time.perf_counter() - start - parts["measuring"]

        callback = keras.callbacks.LambdaCallback(on_epoch_end=note)
        kwargs["callbacks"] = [*kwargs.get("callbacks", ()), callback]
        return fit(*args, **kwargs)

    keras.Model.fit = noting_fit


def main() -> None:
    """Run the lesson with this program's arguments, then print what it took."""
    folder = Path(sys.argv[sys.argv.index("--output-dir") + 1])
    start = time.perf_counter()
    with command_line.quiet_startup():
        import keras
    from digits import dataset, drawing

    parts["importing"] = time.perf_counter() - start
    note_first_epoch(keras)
    put_clock_on(keras.Model, "fit", "training")
    put_clock_on(keras.Model, "evaluate", "measuring", inside=True)
    put_clock_on(keras.Model, "predict", "predicting")
    put_clock_on(keras.Model, "save", "saving")
    put_clock_on(dataset, "load", "loading")
    for name in ("digit_grid", "accuracy_curves", "mistakes", "confusion"):
        put_clock_on(drawing, name, "plotting")
    os._exit = sys.exit  # the lesson leaves at once; here the answer comes after it
    try:
        script = command_line.PROJECT / "hello_mnist.py"
        runpy.run_path(str(script), run_name="__main__")
    except SystemExit as end:
        if end.code:
            raise
    (path,) = (folder / "saved_models").glob("*.json")
    record = json.loads(path.read_text(encoding="utf-8"))
    answer = {
        "fit_seconds": parts["training"],
        "measuring_seconds": parts["measuring"],
        "accuracy": record["test"]["accuracy"],
        "parts": parts,
    }
    print(json.dumps(answer), flush=True)
    leave_at_once(0)  # as the lesson does


if __name__ == "__main__":
    main()
