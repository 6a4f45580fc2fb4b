"""Initialization and activation: vanishing gradients shown and cured.

Networks of five hidden layers of 256 units on Fashion-MNIST, after Glorot & Bengio 2010: how far the gradients of
the layers' outputs spread at the start (standard deviation, layer 1 is nearest to the input), and what the
networks learn with the same budget.
"""
import support

ORDER = ["sigmoid", "tanh", "tanh_glorot", "relu_he"]


def spreads(run, what="gradient", step=None):
    """Standard deviations at the outputs of the dense layers, but the last."""
    layers = run.probes[min(run.probes) if step is None else step]["layers"]
    return [layer[what]["std"] for layer in layers if layer["kind"] == "dense"][:-1]


def report(runs, figures):
    picture, (gradient, activation, loss) = support.figure(3)
    for run in runs:
        numbers = range(1, len(spreads(run)) + 1)
        gradient.plot(numbers, spreads(run), label=run.title, marker=".")
        activation.plot(numbers, spreads(run, "output"), label=run.title, marker=".")
        steps, _, values = run.logged()
        loss.plot(steps, values, label=run.title)
    gradient.set(title="Spread of the gradients at step 0", xlabel="hidden layer", yscale="log")
    for axes in (gradient, activation):
        axes.set_xticks(list(numbers))
    activation.set(title="Spread of the weighted sums at step 0", xlabel="hidden layer", yscale="log")
    loss.set(title="Training loss (smoothed)", xlabel="step")
    loss.legend()
    figures.save(picture, "initialization")
    rows = []
    for run in runs:
        first, last = spreads(run)[0], spreads(run)[-1]
        rows.append([run.title, f"{first:.1e}", f"{last:.1e}", f"{first / last:.1e}", run.score("train"),
                     run.score("test")])
    return support.table(["network", "gradient spread, layer 1", "layer 5", "layer 1 / layer 5",
                          "training accuracy", "test accuracy"], rows)
