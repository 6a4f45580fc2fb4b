"""Small networks for one step of training: what make_golden.py writes as network_NAME.txt.

The order of their parameters is that of the model file beside each name in tests/nn/golden_test.cpp.
"""
import torch
from torch import nn


def conv(inputs, outputs, kernel=3, stride=1, bias=False, groups=1):
    return nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=bias, groups=groups)


class Residual(nn.Module):
    def __init__(self, body, projection=None, activation=None):
        super().__init__()
        self.body, self.projection, self.activation = body, projection, activation

    def forward(self, x):
        past = self.projection(x) if self.projection is not None else x
        y = past + self.body(x)
        return self.activation(y) if self.activation else y


class ZeroPad(nn.Module):
    """Option A of He et al. 2015."""

    def __init__(self, channels):
        super().__init__()
        self.channels = channels

    def forward(self, x):
        return nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 0, self.channels - x.shape[1]))


class DenseBlock(nn.Module):
    def __init__(self, inputs, layers, growth, join, bottleneck=False):
        super().__init__()
        self.join = join
        self.h = nn.ModuleList()
        for i in range(layers):
            seen = inputs + i * growth if join == "concatenate" else inputs
            made = inputs if join == "product" else growth
            parts = []
            if bottleneck:
                parts = [nn.BatchNorm2d(seen), nn.ReLU(), conv(seen, 4 * made, 1)]
                seen = 4 * made
            self.h.append(nn.Sequential(*parts, nn.BatchNorm2d(seen), nn.ReLU(), conv(seen, made)))

    def forward(self, x):
        if self.join == "branch":
            return torch.cat([x] + [h(x) for h in self.h], 1)
        for h in self.h:
            x = torch.cat([x, h(x)], 1) if self.join == "concatenate" else x * h(x)
        return x


class GlobalAverage(nn.Module):
    def forward(self, x):
        return x.mean((2, 3))


def dense_network(join, outputs, bottleneck=False):
    return nn.Sequential(
        conv(2, 4), DenseBlock(4, 2, 3, join, bottleneck), nn.BatchNorm2d(outputs), nn.ReLU(), GlobalAverage(),
        nn.Linear(outputs, 3),
    )


NETWORKS = {
    "conv": nn.Sequential(
        conv(2, 4, bias=True), nn.ReLU(), nn.MaxPool2d(2), conv(4, 6, stride=2, bias=True, groups=2), nn.ReLU(),
        nn.Flatten(), nn.Linear(24, 3),
    ),
    "batch_norm": nn.Sequential(
        conv(2, 4), nn.BatchNorm2d(4), nn.ReLU(), nn.AvgPool2d(3), nn.Flatten(), nn.Linear(16, 5, bias=False),
        nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 3),
    ),
    "residual": nn.Sequential(
        conv(2, 4), nn.BatchNorm2d(4), nn.ReLU(),
        Residual(nn.Sequential(conv(4, 4), nn.BatchNorm2d(4), nn.ReLU(), conv(4, 4), nn.BatchNorm2d(4)),
                 activation=nn.ReLU()),
        Residual(nn.Sequential(conv(4, 6, stride=2), nn.BatchNorm2d(6)),
                 nn.Sequential(nn.Conv2d(4, 6, 1, 2, bias=False), nn.BatchNorm2d(6)), nn.ReLU()),
        Residual(nn.Sequential(nn.BatchNorm2d(6), nn.ReLU(), conv(6, 5)), nn.Conv2d(6, 5, 1)),
        Residual(nn.Sequential(nn.BatchNorm2d(5), nn.ReLU(), conv(5, 7, stride=2)), ZeroPad(7)),
        GlobalAverage(), nn.Linear(7, 3),
    ),
    "dense_concatenate": dense_network("concatenate", 10),
    "dense_product": dense_network("product", 4),
    "dense_branch": dense_network("branch", 10),
    "dense_bottleneck": nn.Sequential(
        conv(2, 4), DenseBlock(4, 2, 3, "concatenate", bottleneck=True), nn.BatchNorm2d(10), nn.ReLU(),
        conv(10, 5, 1), nn.AvgPool2d(2), GlobalAverage(), nn.Linear(5, 3),
    ),
}


def step(network, numbers, x, classes):
    """Loss, gradients, running statistics after an SGD step of 0.1, and what evaluation gives then for x."""
    network = network.double().train()
    parameters = list(network.parameters())
    with torch.no_grad():
        for i, parameter in enumerate(parameters):
            # Scales of normalization are around 1.
            scale = any(parameter is m.weight for m in network.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm))
            parameter.copy_(numbers(400 + i, *parameter.shape) + (1 if scale else 0))
    loss = nn.functional.cross_entropy(network(x), classes)
    loss.backward()
    results = [loss] + [parameter.grad for parameter in parameters]
    torch.optim.SGD(parameters, lr=0.1).step()
    for module in network.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            results += [module.running_mean, module.running_var]
    results.append(network.eval()(x))
    return torch.cat([r.detach().reshape(-1) for r in results]).tolist()
