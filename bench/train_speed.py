#!/usr/bin/python3
"""Whether `gradus bench` tells the speed that `gradus train` has: exit code 1 if they differ by over 15 %.

    /usr/bin/python3 bench/train_speed.py [--models mlp,cnn,residual] [--rounds N] [--threads T]

Both run the same network on images 1x28x28 in batches of 128 with Adam: the benchmark on one random batch, the
training on Fashion-MNIST. In each round both take their turn; medians are compared. Training reads each batch
from a shuffled data set, counts the hits, checks the loss and writes its history.
"""
import pathlib
import subprocess
import sys
import tempfile

import support
from support import median

APART = 0.15
MODELS = {  # layers, and steps that take some seconds
    "mlp": ("['flatten', {dense = 256}, 'relu', {dense = 128}, 'relu', {dense = 10}]", 4000),
    "cnn": ("[{conv2d = {filters = 32, kernel = 3, padding = 'same'}}, 'relu', {max_pool2d = 2},"
            " {conv2d = {filters = 64, kernel = 3, padding = 'same'}}, 'relu', {max_pool2d = 2}, 'flatten',"
            " {dense = 128}, 'relu', {dense = 10}]", 300),
    "residual": ("[{conv2d = {filters = 16, kernel = 3, padding = 'same', bias = false}}, 'batch_norm', 'relu',"
                 " {residual = {layers = [{conv2d = {filters = 16, kernel = 3, padding = 'same', bias = false}},"
                 " 'batch_norm', 'relu', {conv2d = {filters = 16, kernel = 3, padding = 'same', bias = false}},"
                 " 'batch_norm']}}, 'relu', 'global_avg_pool2d', {dense = 10}]", 200),
}
BATCH = 128


def bench(program, file, threads):
    command = [program, "bench", file, "--batch-size", BATCH, "--threads", threads, "--seconds", 3, "--json"]
    return support.measure(command, support.environment(threads))


def train(program, file, threads, steps, out):
    command = [program, "train", "--data", "fashion-mnist", "--model", file, "--batch-size", BATCH, "--optimizer", "adam",
               "--lr", 1e-3, "--steps", steps, "--threads", threads, "--out", out, "--json"]
    return support.measure(command, support.environment(threads))


def main():
    parser = support.make_parser(__doc__, "--models", MODELS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    support.require_program(arguments)
    apart = []
    print("| network | bench, samples/s | train, samples/s | train / bench |\n| --- | ---: | ---: | ---: |")
    for name in support.chosen(arguments.models, MODELS, "model"):
        layers, steps = MODELS[name]
        benched, trained = [], []
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / f"{name}.toml"
            file.write_text(f"input = [1, 28, 28]\nlayers = {layers}\n")
            for number in range(arguments.rounds):
                benched.append(bench(arguments.gradus, file, arguments.threads))
                trained.append(train(arguments.gradus, file, arguments.threads, steps, pathlib.Path(folder) / str(number)))
        if None in benched + trained:
            sys.exit(1)
        told, real = median(benched, "samples_per_s"), median(trained, "samples_per_s")
        print(f"| {name} | {told:.0f} | {real:.0f} | {real / told:.2f} |", flush=True)
        apart += [name] if abs(real / told - 1) > APART else []
    if apart:
        sys.exit(f"train_speed: more than {APART:.0%} apart: {', '.join(apart)}")


if __name__ == "__main__":
    main()
