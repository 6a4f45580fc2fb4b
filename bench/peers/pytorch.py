#!/usr/bin/python3
"""Training steps of the workloads in PyTorch: forward, backward and update on one batch."""
import measure

OPTIONS = measure.arguments(__doc__, list(measure.WORKLOADS), [("--jit", "trace the network with torch.jit")])

import torch  # noqa: E402  (after the number of threads is set)
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402


def mlp(sizes, activation):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layers += [nn.Linear(inputs, outputs), activation()]
    return nn.Sequential(*layers[:-1])


def relu():
    return nn.ReLU(inplace=True)


def conv3x3(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)


def conv1x1(inputs, outputs, stride=1):
    return nn.Conv2d(inputs, outputs, 1, stride, bias=False)


def cnn():
    return nn.Sequential(nn.Conv2d(1, 32, 3, padding=1), relu(), nn.MaxPool2d(2),
                         nn.Conv2d(32, 64, 3, padding=1), relu(), nn.MaxPool2d(2),
                         nn.Flatten(), nn.Linear(64 * 7 * 7, 128), relu(), nn.Linear(128, 10))


def head(channels):
    return [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 10)]


class Residual(nn.Module):
    """relu(F(x) + x); where the shape changes, x passes a 1x1 convolution and batch normalization."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(conv3x3(inputs, outputs, stride), nn.BatchNorm2d(outputs), relu(),
                                  conv3x3(outputs, outputs), nn.BatchNorm2d(outputs))
        self.shortcut = nn.Identity()
        if stride > 1:
            self.shortcut = nn.Sequential(conv1x1(inputs, outputs, stride), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return self.body(x).add_(self.shortcut(x)).relu_()


def resnet20():
    layers = [conv3x3(3, 16), nn.BatchNorm2d(16), relu()]
    channels = 16
    for stage in (16, 32, 64):
        for _ in range(3):
            layers.append(Residual(channels, stage, stage // channels))
            channels = stage
    return nn.Sequential(*layers, *head(64))


class DenseLayer(nn.Module):
    """x, and after its channels those of conv(relu(batch_norm(x)))."""

    def __init__(self, inputs, growth):
        super().__init__()
        self.body = nn.Sequential(nn.BatchNorm2d(inputs), relu(), conv3x3(inputs, growth))

    def forward(self, x):
        return torch.cat([x, self.body(x)], 1)


def densenet40():
    layers = [conv3x3(3, 16)]
    channels = 16
    for block in range(3):
        if block > 0:
            layers += [nn.BatchNorm2d(channels), relu(), conv1x1(channels, channels), nn.AvgPool2d(2)]
        for _ in range(12):
            layers.append(DenseLayer(channels, 12))
            channels += 12
    return nn.Sequential(*layers, nn.BatchNorm2d(channels), relu(), *head(channels))


NETWORKS = {
    "seed": lambda: mlp([20, 20, 2], nn.Sigmoid),
    "mlp": lambda: mlp([784, 256, 128, 10], relu),
    "bigmlp": lambda: mlp([1024, 2048, 2048, 1000], relu),
    "cnn": cnn,
    "resnet20": resnet20,
    "densenet40": densenet40,
}


def make_optimizer(net, settings):
    """Weights decay; biases and the parameters of normalization do not."""
    settings = dict(settings)
    kind = torch.optim.Adam if settings.pop("adam", False) else torch.optim.SGD
    decay = settings.pop("weight_decay", 0)
    if decay == 0:
        return kind(net.parameters(), **settings, foreach=True)
    weights = [p for p in net.parameters() if p.dim() > 1]
    others = [p for p in net.parameters() if p.dim() <= 1]
    return kind([{"params": weights, "weight_decay": decay}, {"params": others}], **settings, foreach=True)


def main():
    workload = measure.WORKLOADS[OPTIONS.workload]
    torch.manual_seed(1)
    torch.set_num_threads(OPTIONS.threads)
    torch.set_flush_denormal(True)
    layout = torch.channels_last if OPTIONS.layout == "channels_last" else torch.contiguous_format
    net = NETWORKS[OPTIONS.workload]().to(memory_format=layout)
    x = torch.rand(workload.batch, *workload.input).contiguous(memory_format=layout)
    y = torch.arange(workload.batch) % workload.classes
    optimizer = make_optimizer(net, workload.settings)
    model = torch.jit.trace(net, x, check_trace=False) if OPTIONS.jit else net

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        return loss

    first = step().item()
    seconds = measure.measure(step, OPTIONS.seconds)
    parameters = sum(p.numel() for p in net.parameters())
    measure.report("pytorch", torch.__version__, OPTIONS, parameters, (first, step().item()), seconds)


if __name__ == "__main__":
    main()
