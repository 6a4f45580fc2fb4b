"""Optimizers: loss against steps and against time.

One network (784-256-128-10, ReLU) on Fashion-MNIST, each optimizer with the learning rate that was best of four
on a tenth of the training images (`experiments/optimizers/search.sh`): training loss against steps and seconds, and
test accuracy.
"""
import support

ORDER = ["sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"]


def report(runs, figures):
    picture, (by_step, by_time) = support.figure(2)
    for run in runs:
        steps, seconds, values = run.logged()
        by_step.plot(steps, values, label=run.title)
        by_time.plot(seconds, values, label=run.title)
    by_step.set(title="Training loss (smoothed) by steps", xlabel="step", yscale="log")
    by_time.set(title="Training loss (smoothed) by time", xlabel="seconds", yscale="log")
    by_step.legend()
    figures.save(picture, "optimizers")
    rows = [[run.title, run.config["lr"], run.logged()[2][len(run.steps) // 10], run.logged()[2][-1],
             run.score("test"), f"{1e6 * run.seconds() / run.result['steps']:.0f}"] for run in runs]
    return support.table(["optimizer", "learning rate", "loss after a tenth", "loss at the end", "test accuracy",
                          "µs a step"], rows)
