#!/usr/bin/python3
"""What looking at a network's health costs: exit code 1 if it takes 2 % or more of a run's time.

    /usr/bin/python3 bench/health_cost.py [--models seed,mlp,cnn,resnet20] [--rounds N] [--threads T]

The same run takes its steps without looks and with a look at every step; in each round both take their turn, and
medians are compared. A look's time over the steps between two looks of a run with default settings is the cost.
"""
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import support
from support import median

LIMIT = 0.02
MODELS = {  # shape of an example, classes, batch, model, optimizer, learning rate, steps that take some seconds
    "seed": ((20,), 2, 3, "seed", "sgd", 0.1, 20000),
    "mlp": ((784,), 10, 128, "mlp", "adam", 1e-3, 500),
    "cnn": ((1, 28, 28), 10, 64, "cnn", "adam", 1e-3, 80),
    "resnet20": ((3, 32, 32), 10, 128, "resnet20", "sgd", 0.1, 10),
}
DEFAULT_STEPS = 20000


def write_data(file, shape, classes):
    random = numpy.random.default_rng(0)
    numpy.savez(file, x=random.standard_normal((1536, *shape), dtype=numpy.float32),
                y=random.integers(0, classes, 1536))


def train(arguments, common, steps, more):
    command = [arguments.gradus, "train", *common, "--steps", steps, *more, "--json"]
    return support.measure(command, support.environment(arguments.threads))


def default_interval(arguments, common, folder):
    """As a run of 20,000 steps has it: read from its first two looks, after which it is stopped."""
    out = pathlib.Path(folder) / "default"
    command = [str(part) for part in [arguments.gradus, "train", *common, "--steps", DEFAULT_STEPS, "--out", out, "--quiet"]]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=support.environment(arguments.threads))
    looks = []
    while len(looks) < 2 and process.poll() is None:
        try:
            process.wait(timeout=0.2)
        except subprocess.TimeoutExpired:
            pass
        history = out / "history.jsonl"
        lines = history.read_text().splitlines() if history.exists() else []
        looks = [json.loads(line)["step"] for line in lines if line.startswith('{"type":"health"') and line.endswith("}")]
    process.terminate()
    process.wait()
    return looks[1] - looks[0]


def main():
    parser = support.make_parser(__doc__, "--models", MODELS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    support.require_program(arguments)
    dear = []
    print("| network | step, ms | look, ms | steps between looks | cost |\n| --- | ---: | ---: | ---: | ---: |")
    for name in support.chosen(arguments.models, MODELS, "model"):
        shape, classes, batch, model, optimizer, rate, steps = MODELS[name]
        without, watched = [], []
        with tempfile.TemporaryDirectory() as folder:
            data = pathlib.Path(folder) / "data.npz"
            write_data(data, shape, classes)
            common = ["--data", f"npz:{data}", "--model", model, "--batch-size", batch, "--optimizer", optimizer,
                      "--lr", rate, "--threads", arguments.threads]
            for number in range(arguments.rounds):
                for every, results in ((0, without), (1, watched)):
                    out = pathlib.Path(folder) / f"{number}-{every}"
                    results.append(train(arguments, common, steps, ["--health-every", every, "--out", out]))
            if None in without + watched:
                sys.exit(1)
            every = default_interval(arguments, common, folder)
        step = 1000 * batch / median(without, "samples_per_s")
        look = 1000 * batch / median(watched, "samples_per_s") - step
        cost = look / step / every
        print(f"| {name} | {step:.4g} | {look:.4g} | {every} | {cost:.2%} |".replace("%", " %"), flush=True)
        dear += [name] if cost >= LIMIT else []
    if dear:
        sys.exit(f"health_cost: {LIMIT:.0%} of the time or more: {', '.join(dear)}")


if __name__ == "__main__":
    main()
