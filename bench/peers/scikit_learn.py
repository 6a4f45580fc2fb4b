#!/usr/bin/python3
"""Training steps of the workloads in scikit-learn: MLPClassifier.partial_fit on one batch.

scikit-learn gives two classes one output unit. So that `seed` has its two, they are trained as two labels:
two logistic units instead of a softmax, of the same size.
"""
import measure

OPTIONS = measure.arguments(__doc__, ["seed", "mlp", "bigmlp"])

import numpy  # noqa: E402  (after the number of threads is set)
import sklearn  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402

HIDDEN = {"seed": (20,), "mlp": (256, 128), "bigmlp": (2048, 2048)}

# Copies of the batch in a call, which makes a step of each, so that a call's checks are shared by several.
STEPS = {"seed": 64, "mlp": 8, "bigmlp": 1}


def main():
    name = OPTIONS.workload
    workload, steps = measure.WORKLOADS[name], STEPS[name]
    settings = workload.settings
    net = MLPClassifier(HIDDEN[name], activation="logistic" if name == "seed" else "relu",
                        solver="adam" if "adam" in settings else "sgd", learning_rate_init=settings["lr"],
                        momentum=settings.get("momentum", 0), nesterovs_momentum=False,
                        alpha=settings.get("weight_decay", 0) * workload.batch,  # it is divided by the batch
                        batch_size=workload.batch, shuffle=False, random_state=1)
    x = numpy.random.default_rng(1).random((workload.batch, *workload.input), dtype=numpy.float32)
    y = numpy.arange(workload.batch) % workload.classes
    if name == "seed":
        y = numpy.eye(2, dtype=int)[y]
    x, y = numpy.concatenate([x] * steps), numpy.concatenate([y] * steps)
    classes = numpy.arange(workload.classes)

    seconds = measure.measure(lambda: net.partial_fit(x, y, classes), OPTIONS.seconds) / steps
    parameters = sum(p.size for p in net.coefs_ + net.intercepts_)
    losses = net.loss_curve_[0], net.loss_curve_[-1]
    measure.report("scikit-learn", sklearn.__version__, OPTIONS, parameters, losses, seconds)


if __name__ == "__main__":
    main()
