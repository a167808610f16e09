"""Run a lesson with several seeds and print what each run reached.

The lessons' accuracies in README.md come from here:

    python -m benchmarks.seeds hello_mnist
    python -m benchmarks.seeds binary_zero_one
    python -m benchmarks.seeds hello_mnist --hidden-units 256 --optimizer adam \\
        --batch-size 64 --epochs 10

Further options go to the lesson. The files of the runs are not kept.
"""

from statistics import mean, median, stdev

from benchmarks import processes
from digits import cli


def main(options):
    accuracies, counts = [], []
    print("seed  test accuracy  mistakes  train accuracy  seconds  data")
    for seed in range(options.seeds):
        seconds, _, record = processes.run_lesson(
            f"{options.lesson}.py", *options.lesson_options, "--seed", seed
        )
        accuracies.append(record["test"]["accuracy"])
        counts.append(len(record["mistakes"]))
        print(
            f"{seed:4}  {accuracies[-1]:13.4f}  {counts[-1]:8}"
            f"  {record['history']['train_accuracy'][-1]:14.4f}"
            f"  {seconds:7.1f}  {record['data']['name']}"
        )
    print(
        f"test accuracy: mean {mean(accuracies):.4f}, standard deviation"
        f" {stdev(accuracies):.4f}, least {min(accuracies):.4f}\n"
        f"mistakes: median {median(counts):g}, most {max(counts)}"
    )


def parse():
    parser = cli.new_parser(__doc__)
    parser.add_argument("lesson", choices=("hello_mnist", "binary_zero_one"))
    parser.add_argument(
        "--seeds",
        type=cli.whole_number(2, 1000),
        metavar="N",
        default=5,
        help="how many: 0 to N - 1 (default: %(default)s)",
    )
    options, others = parser.parse_known_args()
    options.lesson_options = others
    return options


if __name__ == "__main__":
    cli.start()
    main(parse())
