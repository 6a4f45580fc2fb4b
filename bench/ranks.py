#!/usr/bin/python3
"""How fast ranks train beside threads, and what --shards costs: `gradus train` on Fashion-MNIST.

    /usr/bin/python3 bench/ranks.py [--models resnet20,mlp] [--rounds N] [--forms 1x2,2x1,1x2:2,...]

A form is RANKSxTHREADS, or RANKSxTHREADS:SHARDS. In each round every form takes its turn; medians of the samples
per second of all ranks together are compared with those of the first form.
"""
import sys

import support
from support import median

MODELS = {"resnet20": ["--optimizer", "sgd", "--lr", 0.1, "--steps", 40], "mlp": ["--steps", 4000]}
ROOT_AND_OVERSUBSCRIBED = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                           "OMPI_MCA_rmaps_base_oversubscribe": "1"}


def train(program, model, form):
    counts, _, shards = form.partition(":")
    ranks, threads = counts.split("x")
    command = [program, "train", "--data", "fashion-mnist", "--model", model, "--batch-size", 128, "--health-every", 0,
               "--threads", threads, "--json", "--quiet", *MODELS[model]]
    if shards:
        command += ["--shards", shards]
    if ranks != "1":
        command = ["mpirun", "-n", ranks, *command]
    return support.measure(command, {**support.environment(threads), **ROOT_AND_OVERSUBSCRIBED})


def main():
    parser = support.make_parser(__doc__, "--models", MODELS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--forms", default="1x2,2x1,1x2:2,1x2:4,2x1:4,4x1")
    arguments = parser.parse_args()
    support.require_program(arguments)
    forms = arguments.forms.split(",")
    print("| network | ranks x threads : shards | samples/s | beside the first |\n| --- | --- | ---: | ---: |")
    for model in support.chosen(arguments.models, MODELS, "model"):
        results = {form: [] for form in forms}
        for _ in range(arguments.rounds):
            for form in forms:
                results[form].append(train(arguments.gradus, model, form))
        if any(None in list(measured) for measured in results.values()):
            sys.exit(1)
        first = median(results[forms[0]], "samples_per_s")
        for form in forms:
            speed = median(results[form], "samples_per_s")
            print(f"| {model} | {form} | {speed:.0f} | {speed / first:.3f} |", flush=True)


if __name__ == "__main__":
    main()
