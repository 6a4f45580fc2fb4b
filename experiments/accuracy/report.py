"""Named models on Fashion-MNIST.

Test accuracy of two named models. The data set's own table lists 0.934 for two convolutions with pooling and batch
normalization, and 0.949 for ResNet-18.

Other work had a part of the machine while ResNet-20 trained.
"""
import support

ORDER = ["cnn", "resnet20"]


def report(runs, figures):
    picture, axes = support.figure(1)
    support.plot_losses(axes, runs)
    figures.save(picture, "accuracy")
    rows = [[run.title, run.result["parameters"], len(run.epochs), run.score("train"), run.score("test"),
             f"{run.seconds() / 60:.1f}"] for run in runs]
    return support.table(["model", "parameters", "epochs", "training accuracy", "test accuracy", "minutes"], rows)
