#!/usr/bin/env python3
"""The chain rule on random weights: what `gradus explain --weight` sums up over paths is the engine's gradient.

    scripts/chain_rule.py [--gradus build/release/bin/gradus] [--weights 200] [--seed 0]

For each of five kinds of network, and that many weights taken at random from all of its parameters, prints the largest
relative difference between the sum over paths and the gradient: with the engine in f64, and in f32, whose rounding
is relative to the magnitudes of what is added up, so there the difference is taken relative to the sum of the paths'
magnitudes. Fails beyond 1e-5.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

LIMIT = 1e-5
TABLE = "make_blobs:n_samples=60,n_features=16,centers=3,cluster_std=2"

# Name, input of the model file, layers, and the shape of every parameter.
NETWORKS = [
    ("sigmoid", "", '{ dense = 8 }, "sigmoid", { dense = 6 }, "sigmoid", { dense = 3 }',
     {"0.weight": (8, 16), "0.bias": (8,), "2.weight": (6, 8), "2.bias": (6,), "4.weight": (3, 6), "4.bias": (3,)}),
    ("relu, batch norm", "", '{ dense = 12 }, "batch_norm", "relu", { dense = 10 }, "batch_norm", "relu", { dense = 3 }',
     {"0.weight": (12, 16), "1.weight": (12,), "1.bias": (12,), "3.weight": (10, 12), "4.weight": (10,),
      "4.bias": (10,), "6.weight": (3, 10), "6.bias": (3,)}),
    ("convolution", "input = [1, 4, 4]",
     '{ conv2d = { filters = 3, kernel = 3, padding = "same" } }, "tanh", { max_pool2d = 2 }, "flatten", { dense = 3 }',
     {"0.weight": (3, 1, 3, 3), "0.bias": (3,), "4.weight": (3, 12), "4.bias": (3,)}),
    ("residual", "input = [1, 4, 4]",
     '{ conv2d = { filters = 2, kernel = 3 } }, { residual = ["batch_norm", "relu", { conv2d = { filters = 2, kernel = 3,'
     ' padding = "same" } }] }, "flatten", { dropout = 0.3 }, { dense = 3 }',
     {"0.weight": (2, 1, 3, 3), "0.bias": (2,), "1.0.weight": (2,), "1.0.bias": (2,), "1.2.weight": (2, 2, 3, 3),
      "1.2.bias": (2,), "4.weight": (3, 8), "4.bias": (3,)}),
    ("dense block", "input = [1, 4, 4]",
     '{ conv2d = { filters = 2, kernel = 3, padding = "same" } }, { dense_block = { layers = 2, growth = 2, join ='
     ' "concatenate" } }, "global_avg_pool2d", { dense = 3 }',
     {"0.weight": (2, 1, 3, 3), "0.bias": (2,), "1.0.0.weight": (2,), "1.0.0.bias": (2,), "1.0.2.weight": (2, 2, 3, 3),
      "1.1.0.weight": (4,), "1.1.0.bias": (4,), "1.1.2.weight": (2, 4, 3, 3), "3.weight": (3, 6), "3.bias": (3,)}),
]


def all_weights(shapes):
    for name, shape in shapes.items():
        size = 1
        for extent in shape:
            size *= extent
        for flat in range(size):
            index = []
            for extent in reversed(shape):
                index.insert(0, flat % extent)
                flat //= extent
            yield f"layers.{name}[{','.join(map(str, index))}]"


def difference(explained, precision):
    gap = abs(explained["sum"] - explained["gradient"])
    scale = abs(explained["sum"]) if precision == "f64" else explained["magnitude"]
    return 0.0 if gap == 0 else gap / scale if scale > 0 else float("inf")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gradus", default="build/release/bin/gradus")
    parser.add_argument("--weights", type=int, default=200, metavar="N", help="of each network (default: 200)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    draw = random.Random(options.seed)
    print("| network | weights | f64 | f32 |\n| --- | --- | --- | --- |")
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for name, image, layers, shapes in NETWORKS:
            weights = [draw.choice(list(all_weights(shapes))) for _ in range(options.weights)]
            largest = {}
            for precision in ("f64", "f32"):
                run = pathlib.Path(folder) / "run.toml"
                run.write_text(f'data = "{TABLE}"\nstandardize = "on"\nbatch_size = 4\nthreads = 1\n'
                               f'loss = "softmax_cross_entropy"\nprecision = "{precision}"\nseed = {options.seed}\n'
                               f'{image}\nlayers = [{layers}]\n')
                found = []
                for weight in weights:
                    done = subprocess.run([options.gradus, "explain", run, "--weight", weight, "--json"], check=True,
                                          capture_output=True, text=True)
                    found.append(difference(json.loads(done.stdout), precision))
                largest[precision] = max(found)
            print(f"| {name} | {options.weights} | {largest['f64']:.1e} | {largest['f32']:.1e} |", flush=True)
            worst = max(worst, *largest.values())
    if worst > LIMIT:
        print(f"a sum over paths is not the gradient: {worst:.1e} is more than {LIMIT:.0e}", file=sys.stderr)
        return 1
    return 0


sys.exit(main())
