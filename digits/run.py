"""A run of a lesson: its settings, its data, and where its results go."""

import hashlib
import json
import os
import sys
from datetime import datetime, timezone
from pathlib import Path

from digits import cli, files, stopwatch

# The whole numbers that every lesson can be given: the largest, and what it is.
NUMBERS = {
    "epochs": (100_000, "passes over the training images"),
    "batch_size": (1_000_000, "images per update of the weights"),
    "hidden_units": (65_536, "width of the hidden layer"),
}


class Run:
    """The settings of a run as attributes, its data, and the saving of its results.

    As a script the settings come from the command line, and errors and Ctrl-C end it
    as `digits.cli.start` describes. In a notebook they are the defaults.
    """

    def __init__(self, name: str, description: str, seed: int = 0, **settings):
        """Read the command line, then import Keras and choose the devices.

        Exits if the command line is wrong or asks for help. Of several processes only
        the chief prints.

        Args:
            name: the script's, without .py; its results are named after it.
            description: its docstring, for --help.
            seed: the default of --seed.
            settings: the defaults of --epochs, --batch-size, --hidden-units and
                --optimizer.

        Raises:
            InputError: the output folder cannot be written, or the devices or the
                backend cannot be used.
        """
        in_notebook = "IPython" in sys.modules
        if not in_notebook:
            cli.start()
        parser = cli.new_parser(description)
        for option, (most, text) in NUMBERS.items():
            parser.add_argument(
                f"--{option.replace('_', '-')}",
                type=cli.whole_number(1, most),
                metavar="N",
                default=settings[option],
                help=f"{text} (default: %(default)s)",
            )
        parser.add_argument(
            "--optimizer",
            choices=("rmsprop", "adam", "sgd"),
            default=settings["optimizer"],
            help="with Keras's default learning rate (default: %(default)s)",
        )
        cli.add_seed(parser, seed)
        parser.add_argument(
            "--devices",
            type=cli.whole_number(1, 1024),
            metavar="N",
            help="how many of this machine's devices train together\n"
            "(default: all its GPUs; without any, its processor)",
        )
        cli.add_data(parser)
        cli.add_output_dir(parser)
        # In Jupyter `%run hello_mnist.py --epochs 1` has a command line, a cell none.
        has_options = not in_notebook or Path(sys.argv[0]).stem == name
        options = parser.parse_args(sys.argv[1:] if has_options else [])

        self.name = name
        vars(self).update(vars(options))
        self.settings = {option: getattr(self, option) for option in settings}
        self._staging = files.Staging(self.output_dir, "plots", "saved_models")
        with cli.quiet_tensorflow():
            from digits import devices

            devices.distribute(self.devices, self.batch_size)
        if not devices.is_chief():
            sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115
        stopwatch.lap("import")

    def load_data(self, digits: tuple[int, ...] | None = None):
        """Return (x_train, y_train), (x_test, y_test), and print the run's header.

        Images are uint8 (n, 28, 28), white ink on black, labels uint8 (n,). The
        attributes `data_title`, `title` (a heading for this run) and `test_names` are
        set.

        Args:
            digits: the labels to keep, or None for all.

        Raises:
            InputError: the data cannot be used.
        """
        from digits import data, devices  # these take longer to import

        found = data.load(self.data)
        if digits:
            found = found.keep(digits)
        found = devices.divisible(found)
        self.data_title, self.test_names = found.title, found.test_names
        self.title = f"{self.name} on {found.title}"
        self._suffix = found.suffix
        self._data_record = {
            "name": found.name,
            "verified_original_mnist": found.verified,
            "origin": found.origin,
            "source": found.source,
            "sha256": found.sha256,
            "train_images": len(found.y_train),
            "test_images": len(found.y_test),
        }

        settings = ", ".join(f"{key} {value}" for key, value in self.settings.items())
        used = self._devices = devices.describe()
        print(found.describe())
        print(f"Run:   {settings.replace('_', ' ')}, seed {self.seed}")
        print(f"On:    {cli.machine_text()}")
        print(
            f"       backend {used['backend']} {used['backend_version']},"
            f" {used['replicas']} × {used['device']}"
        )
        if used["replicas"] > 1:
            print("       images left over when divided among the devices are dropped")
        print()
        stopwatch.lap("data")
        # Only the caller keeps the arrays: they take 55 MB.
        return (found.x_train, found.y_train), (found.x_test, found.y_test)

    def save(
        self,
        model,
        history: dict,
        mistakes: list,
        plots: dict,
        model_input: str,
        model_output: str,
    ) -> None:
        """Write the model, its record and the plots: all of them or none.

        Of several processes only the chief does. docs/record.md describes the record.

        Args:
            model: the trained and compiled `keras.Model`.
            history: `History.history` of `fit` with `EvaluateTrain`.
            mistakes: as `digits.metrics.find_mistakes` returns them.
            plots: matplotlib Figures by name; plots["accuracy"] is written to
                plots/hello_mnist_accuracy.png.
            model_input, model_output: what the saved model takes and returns, in
                words.
        """
        from digits import devices, metrics

        stopwatch.lap("predicting")
        if not devices.is_chief():
            self._staging.remove()
            return
        total = self._data_record["test_images"]
        correct = total - len(mistakes)
        name = f"{self.name}{self._suffix}"
        models, pictures = self.output_dir / "saved_models", self.output_dir / "plots"
        with self._staging as staging:
            model_file = staging.path(models / f"{name}.keras")
            devices.save(model, model_file)
            stopwatch.lap("saving")
            for plot, figure in plots.items():
                figure.savefig(staging.path(pictures / f"{name}_{plot}.png"))
            stopwatch.lap("drawing")
            record = {
                "schema_version": 2,
                "model": {
                    "file": f"{name}.keras",
                    "sha256": hashlib.sha256(model_file.read_bytes()).hexdigest(),
                    "input": model_input,
                    "output": model_output,
                },
                "data": self._data_record,
                "settings": self.settings,
                "seed": self.seed,
                "history": history,
                "test": {
                    "accuracy": correct / total,
                    "wilson_interval_95": metrics.wilson_interval(correct, total),
                    "correct": correct,
                    "images": total,
                },
                "mistakes": [mistake._asdict() for mistake in mistakes],
                "seconds": {k: round(v, 3) for k, v in stopwatch.seconds.items()},
                **self._devices,
                **cli.machine(),
                "time_utc": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            }
            staging.path(models / f"{name}.json").write_text(
                json.dumps(record, indent=2) + "\n", encoding="utf-8"
            )
        print("\nWritten:", *staging.targets.values(), sep="\n  ")

    def read_record(self, name: str) -> dict | None:
        """Return the record that another lesson has left for the same data, if any."""
        path = self.output_dir / "saved_models" / f"{name}{self._suffix}.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
