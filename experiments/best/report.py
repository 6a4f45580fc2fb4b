"""The best an hour gives.

ResNet-20 on Fashion-MNIST for as many epochs as fit into an hour on two cores: one-cycle schedule, random crops
and flips, random erasing. The data set's own table lists 0.934 for two convolutions with batch normalization,
0.949 for ResNet-18, 0.954 for DenseNet-BC.

Other work had a part of the machine while it trained.
"""
import support

ORDER = ["resnet20"]


def report(runs, figures):
    picture, (loss, rate) = support.figure(2)
    for run in runs:
        steps, _, values = run.logged()
        loss.plot(steps, values)
        rate.plot(steps, run.logged("lr")[2])
    loss.set(title="Training loss (smoothed)", xlabel="step", yscale="log")
    rate.set(title="Learning rate", xlabel="step")
    figures.save(picture, "best")
    rows = [[run.title, run.result["parameters"], len(run.epochs), run.score("train"), run.score("test"),
             f"{run.seconds() / 60:.1f}"] for run in runs]
    return support.table(["network", "parameters", "epochs", "training accuracy", "test accuracy", "minutes"], rows)
