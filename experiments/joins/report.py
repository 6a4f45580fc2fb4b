"""Three ways to join: concatenate, product, branch.

Networks of three dense blocks with about as many parameters, which differ in how a block joins what its layers
give: x <- [x, H(x)] (Huang et al. 2017), x <- x * H(x) element by element, or [x, H1(x), ..., Hn(x)] with every
layer reading the block's input. Fashion-MNIST, one budget.

Four products in a row do not train: what leaves a block is a polynomial of a high degree. Its largest values drown
the others in the normalization that follows (running variances of 6, 1e4, 2e7 and 1e11 along a block, after 40
steps), and in inference mode they overflow. A smaller rate does not help. Blocks of one product, with more channels
for it, do train.
"""
import support

ORDER = ["concatenate", "product", "product1", "branch"]


def weight_norms(run, step):
    return [p["gradient_norm"] for p in run.probes[step]["parameters"] if p["name"].endswith(".weight")]


def report(runs, figures):
    picture, (loss, accuracy, norms) = support.figure(3)
    for run in runs:
        steps, _, values = run.logged()
        loss.plot(steps, values, label=run.title)
        accuracy.plot(*run.curve("val", "accuracy"), label=run.title, marker=".")
        norms.plot(weight_norms(run, min(run.probes)), label=run.title)
    loss.set(title="Training loss (smoothed)", xlabel="step", yscale="log")
    accuracy.set(title="Validation accuracy", xlabel="step")
    norms.set(title="Gradient norms at step 0", xlabel="weight", yscale="log")
    loss.legend()
    figures.save(picture, "joins")
    rows = []
    for run in runs:
        first, later = (weight_norms(run, step) for step in (min(run.probes), max(run.probes)))
        rows.append([run.title, run.result["parameters"], run.score("train"), run.score("test"),
                     f"{min(first):.1e} to {max(first):.1e}", f"{min(later):.1e} to {max(later):.1e}"])
    return support.table(["join", "parameters", "training accuracy", "test accuracy", "gradient norms, step 0",
                          f"gradient norms, step {max(runs[0].probes)}"], rows)
