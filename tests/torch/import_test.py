#!/usr/bin/env python3
"""Networks that PyTorch exports become Gradus models: import_test.py GRADUS

Exports common networks with torch.onnx, imports each, and compares what `gradus run` and PyTorch give. Exits 77 where
PyTorch is not installed.
"""
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
    from torch import nn
except ImportError as error:
    print(f"skipped: {error} (apt-get install python3-torch)")
    sys.exit(77)


class Block(nn.Module):
    """A residual block as torchvision writes it."""

    def __init__(self, into, out, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(into, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU(),
            nn.Conv2d(out, out, 3, 1, 1, bias=False), nn.BatchNorm2d(out))
        self.shortcut = nn.Sequential()
        if stride > 1 or into != out:
            self.shortcut = nn.Sequential(nn.Conv2d(into, out, 1, stride, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


class Dense(nn.Module):
    """A dense block that concatenates all that was made, every time."""

    def __init__(self, into, growth, layers):
        super().__init__()
        self.parts = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(n), nn.ReLU(), nn.Conv2d(n, growth, 3, padding=1, bias=False))
            for n in range(into, into + layers * growth, growth))

    def forward(self, x):
        made = [x]
        for part in self.parts:
            made.append(part(torch.cat(made, 1)))
        return torch.cat(made, 1)


class View(nn.Module):
    def forward(self, x):
        return x.view(x.size(0), -1)


class Image(nn.Module):
    def forward(self, x):
        return x.view(-1, 3, 4, 4)


class Mean(nn.Module):
    def forward(self, x):
        return x.mean([2, 3])


class Inception(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Conv2d(3, 4, 1)
        self.three = nn.Sequential(nn.Conv2d(3, 2, 1), nn.ReLU(), nn.Conv2d(2, 4, 3, padding=1))
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(3, 2, 1))

    def forward(self, x):
        return torch.cat([self.one(x), self.three(x), self.pool(x)], 1)


IMAGE = [3, 16, 16]
def chain(*modules):
    return nn.Sequential(*modules)


NETWORKS = {
    "mlp": ([10], chain(
        nn.Linear(10, 16), nn.GELU(), nn.Dropout(0.3), nn.Linear(16, 8), nn.SiLU(), nn.BatchNorm1d(8),
        nn.Linear(8, 3))),
    "activations": ([6], chain(
        nn.Linear(6, 6), nn.ELU(0.7), nn.LeakyReLU(0.2), nn.SELU(), nn.Softplus(), nn.Tanh(), nn.Sigmoid(),
        nn.Softmax(-1))),
    "norms": ([4, 6, 6], chain(
        nn.GroupNorm(2, 4), nn.Conv2d(4, 6, 3), nn.Flatten(), nn.LayerNorm(96), nn.Linear(96, 3))),
    "lenet": ([1, 28, 28], chain(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(6, 16, 5), nn.Tanh(), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(400, 84), nn.Tanh(), nn.Linear(84, 10))),
    "vgg": (IMAGE, chain(
        nn.Conv2d(3, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 8, 3, padding=1, groups=4), nn.ReLU(), nn.MaxPool2d(2, 2), View(), nn.Linear(128, 5))),
    "resnet": (IMAGE, chain(
        nn.Conv2d(3, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), Block(8, 8, 1), Block(8, 12, 2),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(12, 5))),
    "densenet": (IMAGE, chain(
        Dense(3, 4, 3), nn.BatchNorm2d(15), nn.ReLU(), nn.Conv2d(15, 7, 1), nn.AvgPool2d(2), Mean(), nn.Linear(7, 5))),
    "padded": (IMAGE, chain(nn.Conv2d(3, 4, 3), nn.AvgPool2d(3, 2, 1), nn.Flatten(), nn.Linear(196, 3))),
    "inception": (IMAGE, chain(
        Inception(), nn.ReLU(), nn.AdaptiveAvgPool2d((4, 4)), nn.Flatten(1), nn.Linear(160, 5))),
    "decoder": ([12], chain(
        nn.Linear(12, 48), nn.ReLU(), Image(), nn.ConvTranspose2d(3, 4, 4, 2, 1), nn.ReLU(),
        nn.ConvTranspose2d(4, 1, 3, 2, 1, 1), nn.Sigmoid())),
    "conv1d": ([2, 12], chain(
        nn.Conv1d(2, 4, 3, stride=2, padding=1, dilation=2), nn.ReLU(), nn.Flatten(), nn.Linear(20, 2))),
}
OPEN = {"dynamic_axes": {"input": {0: "N"}}}
FORMS = {
    "": OPEN,
    "-fixed": {},
    "-whole": {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False, **OPEN},
    "-17": {"opset_version": 17, **OPEN},
}


def randomize(module):
    for norm in module.modules():
        if isinstance(norm, nn.modules.batchnorm._BatchNorm):
            norm.running_mean.normal_(0, 0.3)
            norm.running_var.uniform_(0.5, 1.5)
            norm.weight.data.uniform_(0.5, 1.5)


def check(gradus, folder, name, shape, module, **options):
    module.eval()
    x = torch.randn(3, *shape)
    torch.onnx.export(module, x, str(folder / f"{name}.onnx"), input_names=["input"], **options)
    np.save(folder / "x.npy", x.numpy())
    for words in (["import", folder / f"{name}.onnx", "--out", folder / name],
                  ["run", folder / name, "--input", folder / "x.npy", "--output-dir", folder / "out"]):
        outcome = subprocess.run([gradus, *map(str, words)], capture_output=True, text=True)
        if outcome.returncode != 0:
            return outcome.stderr.strip()
    wanted, given = module(x).detach().numpy(), np.load(folder / "out" / "output.npy")
    worst = np.abs(wanted - given).max() if wanted.shape == given.shape else np.inf
    toml = (folder / name / "model.toml").read_text()
    print(f"{name}: within {worst:.1e}\n{toml[: toml.index('[task]')]}")
    return "" if worst <= 1e-5 * max(1, np.abs(wanted).max()) else f"differs by {worst}"


def main():
    gradus = sys.argv[1]
    torch.manual_seed(1)
    problems = {}
    with tempfile.TemporaryDirectory(prefix="gradus-import-") as path:
        for name, (shape, module) in NETWORKS.items():
            randomize(module)
            for suffix, options in FORMS.items():
                problem = check(gradus, pathlib.Path(path), name + suffix, shape, module, **options)
                if problem:
                    problems[name + suffix] = problem
    for name, problem in problems.items():
        print(f"{name}: {problem}")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
