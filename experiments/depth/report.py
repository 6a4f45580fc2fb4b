"""Depth: the degradation of plain networks, and its cure.

Plain and residual networks of 20 and 56 layers (He et al. 2015, section 4.2) with one budget on Fashion-MNIST:
training loss, test accuracy, and the norm of each convolution's gradient at steps 0, 100 and 1000.

The plain network of 56 layers has a higher training loss than that of 20, so it is not overfitting: it trains
worse. The shortcuts take most of that away, but in these 2,000 steps ResNet-56 does not overtake ResNet-20 as it
does in the paper, which trains for 64,000. At the start of its training the gradient norms of the plain network's
convolutions span three orders of magnitude.
"""
import support

ORDER = ["plain20", "plain56", "resnet20", "resnet56"]


def convolution_norms(run, step):
    """Gradient norms of the weights of rank 4, in the order of the layers."""
    return [p["gradient_norm"] for p in run.probes[step]["parameters"] if is_convolution(p["name"], run)]


def is_convolution(name, run):
    kinds = {layer["path"]: layer["kind"] for layer in next(iter(run.probes.values()))["layers"]}
    return name.endswith(".weight") and kinds.get(name.removesuffix(".weight")) == "conv2d"


def report(runs, figures):
    picture, (loss, *norms) = support.figure(1 + len(runs), width=3.4)
    support.plot_losses(loss, runs)
    for axes, run in zip(norms, runs):
        for step in sorted(run.probes):
            axes.plot(convolution_norms(run, step), label=f"step {step}")
        axes.set(title=f"Gradient norms: {run.title}", xlabel="convolution", yscale="log")
    norms[0].legend()
    figures.save(picture, "depth")
    rows = []
    for run in runs:
        first = convolution_norms(run, min(run.probes))
        rows.append([run.title, run.result["parameters"], run.logged()[2][-1], run.score("train", "loss"),
                     run.score("train"), run.score("test"), f"{max(first) / max(min(first), 1e-300):.0f}"])
    return support.table(["network", "parameters", "loss while training", "training loss", "training accuracy",
                          "test accuracy", "largest / smallest gradient norm at step 0"], rows)
