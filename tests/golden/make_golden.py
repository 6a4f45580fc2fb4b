#!/usr/bin/python3
"""Writes the golden files of the tests with PyTorch (Debian: python3-torch 1.13).

Both sides compute weights and batches from one integer formula. With
    q(k) = (31 k^2 + 7919 k + 17) mod 10007
element i of tensor number `tag` is q(1000 tag + i) / 10007 - 0.5.
Tags: 1 weight [5, 6], 2 bias [5], 3 weight [3, 5], 4 bias [3]; the batch of step t (from 0) is x [8, 6] of
tag 10 + t, times 4, with classes q(1000 (200 + t) + i) mod 3 or real targets [8, 3] of tag 200 + t.
The network is 6-5(tanh)-3. A file NAME.txt holds the losses of 100 steps, before each update; a file
schedule_NAME.txt the learning rates of 60 steps, 4 steps an epoch, from 0.1.
A file conv_NAME.txt holds the result of a convolution of tensors of tag 300 and 301, then the gradients of both
where the result's own is of tag 302. A file of a pooling or normalization holds its result, then the gradients of
its tensors of tag 310, 311 (scale), 312 (shift) where the result's own is of tag 319.
A file network_NAME.txt holds one step of a network of networks.py: parameter i is of tag 400 + i (scales of
normalization plus 1), the batch [8, 2, 6, 6] of tag 320, times 4, with the classes of step 0.
"""
import pathlib

import torch
import torch.nn.functional as F

from networks import NETWORKS, step

FOLDER = pathlib.Path(__file__).resolve().parent
STEPS = 100


def q(k):
    return (31 * k * k + 7919 * k + 17) % 10007


def numbers(tag, *shape):
    count = 1
    for extent in shape:
        count *= extent
    values = [q(1000 * tag + i) / 10007 - 0.5 for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).reshape(shape)


def classes(step):
    return torch.tensor([q(1000 * (200 + step) + i) % 3 for i in range(8)])


def write(name, values, comment):
    lines = [f"# {comment}"] + [f"{value:.17g}" for value in values]
    (FOLDER / f"{name}.txt").write_text("\n".join(lines) + "\n")


def cross_entropy(smoothing=0.0):
    loss = torch.nn.CrossEntropyLoss(label_smoothing=smoothing)
    return lambda y, step: loss(y, classes(step))


def regression(loss):
    return lambda y, step: loss(y, numbers(200 + step, 8, 3))


def train(name, optimizer, comment, loss=cross_entropy(), l2=0.0, l1=0.0, clip=None, decay=None):
    """`decay` is the weights' decay; biases take none unless the optimizer's own options say so."""
    weights = [numbers(1, 5, 6), numbers(3, 3, 5)]
    biases = [numbers(2, 5), numbers(4, 3)]
    for parameter in weights + biases:
        parameter.requires_grad_(True)
    groups = [{"params": weights}, {"params": biases}]
    if decay is not None:
        groups[0]["weight_decay"] = decay
        groups[1]["weight_decay"] = 0.0
    stepper = optimizer(groups)
    losses = []
    for step in range(STEPS):
        x = 4 * numbers(10 + step, 8, 6)
        y = torch.tanh(x @ weights[0].T + biases[0]) @ weights[1].T + biases[1]
        value = loss(y, step)
        value = value + l2 / 2 * sum((w * w).sum() for w in weights) + l1 * sum(w.abs().sum() for w in weights)
        losses.append(value.item())
        stepper.zero_grad()
        value.backward()
        if clip is not None:
            clip(weights + biases)
        stepper.step()
    write(name, losses, comment)


OPTIMIZERS = {
    "sgd": (lambda p: torch.optim.SGD(p, lr=0.1), "sgd lr 0.1"),
    "momentum": (lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9), "sgd lr 0.05 momentum 0.9"),
    "nesterov": (
        lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
        "nesterov lr 0.05 momentum 0.9",
    ),
    "rmsprop": (lambda p: torch.optim.RMSprop(p, lr=0.01), "rmsprop lr 0.01"),
    "adagrad": (lambda p: torch.optim.Adagrad(p, lr=0.1), "adagrad lr 0.1"),
    "adam": (lambda p: torch.optim.Adam(p, lr=0.02), "adam lr 0.02"),
    "adamw": (lambda p: torch.optim.AdamW(p, lr=0.02, weight_decay=0), "adamw lr 0.02 weight decay 0"),
}

SCHEDULES = {
    "step": lambda o: torch.optim.lr_scheduler.StepLR(o, step_size=3, gamma=0.5),
    "exponential": lambda o: torch.optim.lr_scheduler.ExponentialLR(o, gamma=0.9),
    "cosine": lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=60, eta_min=0.01),
    "steps": lambda o: torch.optim.lr_scheduler.MultiStepLR(o, milestones=[3, 4, 11], gamma=0.3),
    "cosine_restarts": lambda o: torch.optim.lr_scheduler.CosineAnnealingWarmRestarts(
        o, T_0=2, T_mult=2, eta_min=0.01
    ),
    "one_cycle": lambda o: torch.optim.lr_scheduler.OneCycleLR(
        o, max_lr=0.1, total_steps=60, cycle_momentum=False
    ),
    "plateau": lambda o: torch.optim.lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=2, min_lr=0.02),
}


def watched_loss(epoch):
    """What plateau watches: falls for four epochs, then stays."""
    return max(1.0 - 0.2 * epoch, 0.2)


def schedule(name, make):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = make(optimizer)
    rates = []
    for step in range(60):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if name in ("cosine", "one_cycle"):
            if step < 59:
                scheduler.step()
        elif name == "cosine_restarts":
            scheduler.step((step + 1) / 4)
        elif step % 4 == 3:
            scheduler.step(watched_loss(step // 4)) if name == "plateau" else scheduler.step()
    write(f"schedule_{name}", rates, f"{name} schedule")


CONVOLUTIONS = {
    "plain": (F.conv2d, (2, 3, 5, 6), (4, 3, 3, 2), {}),
    "strided": (F.conv2d, (2, 2, 7, 6), (3, 2, 3, 3), {"stride": (2, 1), "padding": (1, 2)}),
    "dilated": (F.conv2d, (1, 2, 7, 8), (2, 2, 3, 2), {"dilation": (2, 3), "padding": (0, 1)}),
    "groups": (F.conv2d, (2, 4, 4, 5), (6, 2, 3, 3), {"groups": 2, "padding": 1}),
    "depthwise": (F.conv2d, (1, 5, 6, 6), (10, 1, 3, 3), {"groups": 5, "stride": 2, "padding": 1}),
    "transpose": (F.conv_transpose2d, (2, 3, 4, 3), (3, 2, 3, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
    "transpose_groups": (F.conv_transpose2d, (1, 4, 3, 4), (4, 3, 2, 3), {"groups": 2, "stride": (1, 2)}),
    "one_axis": (F.conv1d, (2, 3, 9), (4, 3, 3), {"stride": 2, "padding": 2, "dilation": 2}),
}


PADDED = {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 1)}

# Name: the function of x, scale and shift, and their shapes.
NORMALIZATIONS = {
    "max_pool2d": (lambda x: F.max_pool2d(x, 2), [(2, 3, 5, 4)]),
    "max_pool2d_padded": (lambda x: F.max_pool2d(x, **PADDED), [(2, 2, 6, 5)]),
    "avg_pool2d": (lambda x: F.avg_pool2d(x, 2), [(2, 3, 5, 4)]),
    "avg_pool2d_padded": (lambda x: F.avg_pool2d(x, **PADDED), [(2, 2, 6, 5)]),
    "avg_pool2d_uncounted": (lambda x: F.avg_pool2d(x, **PADDED, count_include_pad=False), [(2, 2, 6, 5)]),
    "adaptive_avg_pool2d": (lambda x: F.adaptive_avg_pool2d(x, (3, 4)), [(2, 3, 7, 5)]),
    "adaptive_avg_pool2d_even": (lambda x: F.adaptive_avg_pool2d(x, (3, 2)), [(2, 3, 6, 4)]),
    "adaptive_avg_pool2d_larger": (lambda x: F.adaptive_avg_pool2d(x, (5, 2)), [(1, 2, 3, 2)]),
    "batch_norm": (
        lambda x, scale, shift: F.batch_norm(x, None, None, scale, shift, training=True, eps=1e-3),
        [(4, 3, 3, 2), (3,), (3,)],
    ),
    "batch_norm_dense": (
        lambda x, scale, shift: F.batch_norm(x, None, None, scale, shift, training=True),
        [(8, 5), (5,), (5,)],
    ),
    "layer_norm": (lambda x, scale, shift: F.layer_norm(x, (7,), scale, shift), [(4, 7), (7,), (7,)]),
    "layer_norm_axes": (
        lambda x, scale, shift: F.layer_norm(x, (4, 5), scale, shift, eps=1e-3),
        [(3, 4, 5), (4, 5), (4, 5)],
    ),
    "group_norm": (lambda x, scale, shift: F.group_norm(x, 3, scale, shift), [(2, 6, 3, 2), (6,), (6,)]),
}


def normalize(name, function, shapes):
    inputs = [numbers(310 + i, *shape).requires_grad_(True) for i, shape in enumerate(shapes)]
    y = function(*inputs)
    y.backward(numbers(319, *y.shape))
    values = torch.cat([part.detach().flatten() for part in [y] + [x.grad for x in inputs]])
    write(name, values.tolist(), f"{name} of {shapes[0]}")


def convolve(name, function, x_shape, weight_shape, options):
    x, weight = (numbers(tag, *shape).requires_grad_(True) for tag, shape in ((300, x_shape), (301, weight_shape)))
    y = function(x, weight, **options)
    y.backward(numbers(302, *y.shape))
    values = torch.cat([part.detach().flatten() for part in (y, x.grad, weight.grad)])
    text = ", ".join(f"{key} {value}" for key, value in options.items())
    write(f"conv_{name}", values.tolist(), f"{function.__name__} {text}")


def main():
    torch.set_num_threads(1)
    for name, case in CONVOLUTIONS.items():
        convolve(name, *case)
    for name, case in NORMALIZATIONS.items():
        normalize(name, *case)
    for name, (optimizer, comment) in OPTIMIZERS.items():
        train(name, optimizer, comment)
        train(f"{name}_decay", optimizer, f"{comment}, decay 0.05 of weights", decay=0.05)
    train(
        "adam_decay_all",
        lambda p: torch.optim.Adam(p, lr=0.02, weight_decay=0.05),
        "adam lr 0.02, decay 0.05 of weights and biases",
    )
    train(
        "adagrad_lr_decay",
        lambda p: torch.optim.Adagrad(p, lr=0.1, lr_decay=0.01, initial_accumulator_value=0.1),
        "adagrad lr 0.1 lr_decay 0.01 initial accumulator 0.1",
    )
    sgd, comment = OPTIMIZERS["sgd"]
    train("l2", sgd, f"{comment}, l2 0.01", l2=0.01)
    train("l1", sgd, f"{comment}, l1 0.01", l1=0.01)
    train("mse", sgd, f"{comment}, mean squared error", loss=regression(torch.nn.MSELoss()))
    train("mae", sgd, f"{comment}, mean absolute error", loss=regression(torch.nn.L1Loss()))
    train("huber", sgd, f"{comment}, huber delta 0.3", loss=regression(torch.nn.HuberLoss(delta=0.3)))
    train("label_smoothing", sgd, f"{comment}, label smoothing 0.1", loss=cross_entropy(0.1))
    train(
        "clip_norm",
        sgd,
        f"{comment}, gradients clipped to norm 0.3",
        clip=lambda p: torch.nn.utils.clip_grad_norm_(p, 0.3),
    )
    train(
        "clip_value",
        sgd,
        f"{comment}, gradients clipped to 0.05",
        clip=lambda p: torch.nn.utils.clip_grad_value_(p, 0.05),
    )
    for name, make in SCHEDULES.items():
        schedule(name, make)
    for name, network in NETWORKS.items():
        write(f"network_{name}", step(network, numbers, 4 * numbers(320, 8, 2, 6, 6), classes(0)), f"{name} network")


if __name__ == "__main__":
    main()
