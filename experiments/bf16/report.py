"""Mixed precision: what bf16 products cost in accuracy.

The named model cnn on Fashion-MNIST in f32, and with products and convolutions of bf16 (f32 sums, weights, statistics
and losses), from the same seeds. The bf16 runs use `bf16-emulated`, which gives the numbers of `bf16` on processors
without instructions for it.
"""
import support

ORDER = ["f32_0", "bf16_0", "f32_1", "bf16_1"]


def report(runs, figures):
    picture, axes = support.figure(1)
    support.plot_losses(axes, runs)
    figures.save(picture, "bf16")
    by_name = {run.name: run for run in runs}
    rows = []
    for run in runs:
        f32 = by_name["f32_" + run.name.split("_")[1]]
        off = "" if run is f32 else f"{100 * (run.score('test') - f32.score('test')):+.2f}"
        rows.append([run.title, run.score("train"), run.score("test"), off])
    return support.table(["run", "training accuracy", "test accuracy", "points from f32"], rows)
