#!/usr/bin/python3
"""Writes metrics.txt, the golden numbers of the metrics tests, with scikit-learn (Debian: python3-sklearn 1.2).

Both sides compute predictions and targets from the formula of make_golden.py: with
    q(k) = (31 k^2 + 7919 k + 17) mod 10007
    classes   is[i] = q(i) mod 5, outputs[i][j] = q(1000 + 7 i + j) mod 23, plus 4 where j = is[i]; i < 200, j < 6
              (class 5 never occurs, and is sometimes predicted); predicted is the first of the largest
    binary    is[i] = q(5000 + i) mod 2, score[i] = q(6000 + i) mod 17 + 3 is[i]; i < 150 (many ties)
    labels    is[i][j] = q(7000 + 4 i + j) mod 3 == 0, said likewise of 9000, or as it is where q(i) is even;
              i < 120, j < 4
    numbers   is[i][j] = q(2000 + 3 i + j) / 1000, said[i][j] = is[i][j] + q(4000 + 3 i + j) / 5000 - 1, i < 90, j < 3
A line is NAME VALUE....
"""
import pathlib

import numpy as np
from sklearn import metrics


def q(k):
    return (31 * k * k + 7919 * k + 17) % 10007


lines = ["# scikit-learn's metrics; see make_metrics.py"]


def write(name, *values):
    lines.append(" ".join([name] + [f"{value:.17g}" for value in values]))


def report(name, is_, said):
    p, r, f, n = metrics.precision_recall_fscore_support(is_, said, zero_division=0)
    for k in range(len(p)):
        write(f"{name}_{k}", p[k], r[k], f[k], n[k])
    for average in ("macro", "weighted", "micro"):
        write(f"{name}_{average}",
              *metrics.precision_recall_fscore_support(is_, said, average=average, zero_division=0)[:3])


is_ = np.array([q(i) % 5 for i in range(200)])
outputs = np.array([[q(1000 + 7 * i + j) % 23 + (4 if j == is_[i] else 0) for j in range(6)] for i in range(200)])
said = outputs.argmax(axis=1)
report("classes", is_, said)
write("accuracy", metrics.accuracy_score(is_, said))
# scikit-learn takes the last of equal outputs first, Gradus the first: so they are made to differ that way.
apart = outputs - 1e-6 * np.arange(6)
for k in (1, 2, 3):
    write(f"top_{k}", metrics.top_k_accuracy_score(is_, apart, k=k, labels=np.arange(6)))

is_ = np.array([q(5000 + i) % 2 for i in range(150)])
write("roc_auc", metrics.roc_auc_score(is_, np.array([q(6000 + i) % 17 + 3 * is_[i] for i in range(150)])))

is_ = np.array([[q(7000 + 4 * i + j) % 3 == 0 for j in range(4)] for i in range(120)])
other = np.array([[q(9000 + 4 * i + j) % 3 == 0 for j in range(4)] for i in range(120)])
said = np.where(np.array([q(i) % 2 == 0 for i in range(120)])[:, None], is_, other)
report("labels", is_, said)
write("subset_accuracy", metrics.accuracy_score(is_, said))

is_ = np.array([[q(2000 + 3 * i + j) / 1000 for j in range(3)] for i in range(90)])
said = is_ + np.array([[q(4000 + 3 * i + j) / 5000 - 1 for j in range(3)] for i in range(90)])
write("mse", metrics.mean_squared_error(is_, said))
write("mae", metrics.mean_absolute_error(is_, said))
write("r2", metrics.r2_score(is_, said))

(pathlib.Path(__file__).resolve().parent / "metrics.txt").write_text("\n".join(lines) + "\n")
