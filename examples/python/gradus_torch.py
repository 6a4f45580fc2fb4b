"""A Gradus model as a PyTorch module whose state_dict() has the names and shapes of model.safetensors.

Sizes come from the weights, options from model.toml, so a module is made of both. Training in PyTorch changes the
weights; save_weights() writes a file that `gradus train --init-from` and every verb on a run folder take.
"""
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import gradus_files


def load(folder):
    """The module of a run folder, in evaluation. It takes examples as Gradus does, before any standardization."""
    spec, weights = gradus_files.read_model(folder)
    module = Network(spec, weights)
    module.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    return module.eval()


def save_weights(module, path):
    gradus_files.write_safetensors(path, {name: value.numpy() for name, value in module.state_dict().items()})


class Network(nn.Module):
    def __init__(self, spec, weights):
        super().__init__()
        self.input = spec["input"]
        self.layers = Chain(spec["layers"], weights, "layers")
        scaling = spec.get("standardizer") or spec.get("normalizer")
        shape = self.input if "standardizer" in spec else [self.input[0], 1, 1]
        self.mean = self.std = None
        if scaling:
            self.mean = torch.tensor(scaling["mean"], dtype=torch.float64).reshape(shape)
            self.std = torch.tensor(scaling["std"], dtype=torch.float64).reshape(shape)

    def forward(self, x):
        x = x.reshape(-1, *self.input)
        if self.mean is not None:
            x = ((x.double() - self.mean) / self.std).float()
        return self.layers(x)


class Chain(nn.Module):
    """Layers one after the other, numbered from `first`: their variables are PATH.0.weight, ..."""

    def __init__(self, specs, weights, path, first=0):
        super().__init__()
        self.names = [str(first + i) for i in range(len(specs))]
        for name, spec in zip(self.names, specs):
            self.add_module(name, make(spec, weights, f"{path}.{name}"))

    def forward(self, x):
        for name in self.names:
            x = getattr(self, name)(x)
        return x


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def pair(value, count=2):
    values = value if isinstance(value, list) else [value]
    return tuple(values * count if len(values) == 1 else values)


def zeros_around(extents, kernel, stride, dilation, padding):
    """Zeros before and after along each axis, as F.pad takes them: the last axis first."""
    sides = []
    for i, extent in enumerate(extents):
        if padding == "same":
            reach = dilation[i] * (kernel[i] - 1) + 1
            total = max((-(-extent // stride[i]) - 1) * stride[i] + reach - extent, 0)
            sides.append((total // 2, total - total // 2))
        else:
            zeros = 0 if padding == "valid" else pair(padding, len(extents))[i]
            sides.append((zeros, zeros))
    return [side for sides_of_axis in reversed(sides) for side in sides_of_axis]


class Convolution(nn.Module):
    def __init__(self, options, weights, path):
        super().__init__()
        weight = weights[path + ".weight"]
        axes = weight.ndim - 2
        self.weight = nn.Parameter(torch.empty(weight.shape))
        self.bias = nn.Parameter(torch.empty(weight.shape[0])) if path + ".bias" in weights else None
        self.convolve = F.conv1d if axes == 1 else F.conv2d
        self.stride, self.dilation = (pair(options.get(key, 1), axes) for key in ("stride", "dilation"))
        self.padding, self.groups = options.get("padding", "valid"), options.get("groups", 1)

    def forward(self, x):
        x = F.pad(x, zeros_around(x.shape[2:], self.weight.shape[2:], self.stride, self.dilation, self.padding))
        return self.convolve(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


class TransposedConvolution(nn.Module):
    def __init__(self, options, weights, path):
        super().__init__()
        weight = weights[path + ".weight"]
        self.groups = options.get("groups", 1)
        self.weight = nn.Parameter(torch.empty(weight.shape))
        self.bias = nn.Parameter(torch.empty(weight.shape[1] * self.groups)) if path + ".bias" in weights else None
        self.stride, self.dilation = (pair(options.get(key, 1)) for key in ("stride", "dilation"))
        self.padding, self.further = options.get("padding", "valid"), pair(options.get("output_padding", 0))

    def forward(self, x):
        y = F.conv_transpose2d(x, self.weight, None, self.stride, 0, 0, self.groups, self.dilation)
        crops, sizes = [], []
        for i in range(2):
            reach = self.dilation[i] * (self.weight.shape[2 + i] - 1) + 1
            if self.padding == "same":
                crops.append(max(reach - self.stride[i], 0) // 2)
                sizes.append(x.shape[2 + i] * self.stride[i])
            else:
                crops.append(0 if self.padding == "valid" else pair(self.padding)[i])
                sizes.append((x.shape[2 + i] - 1) * self.stride[i] - 2 * crops[i] + reach + self.further[i])
        more = [max(crops[i] + sizes[i] - y.shape[2 + i], 0) for i in range(2)]
        y = F.pad(y, [0, more[1], 0, more[0]])[:, :, crops[0] : crops[0] + sizes[0], crops[1] : crops[1] + sizes[1]]
        return y if self.bias is None else y + self.bias[:, None, None]


class Pool(nn.Module):
    def __init__(self, options, largest):
        super().__init__()
        self.kernel = pair(options["kernel"])
        self.stride = pair(options.get("stride", options["kernel"]))
        self.padding, self.largest = options.get("padding", "valid"), largest
        self.counts = options.get("count_padding", True)

    def forward(self, x):
        sides = zeros_around(x.shape[2:], self.kernel, self.stride, (1, 1), self.padding)
        if self.largest:
            return F.max_pool2d(F.pad(x, sides, value=-np.inf), self.kernel, self.stride)
        mean = F.avg_pool2d(F.pad(x, sides), self.kernel, self.stride)
        return mean if self.counts else mean / F.avg_pool2d(F.pad(torch.ones_like(x), sides), self.kernel, self.stride)


def dense(options, weights, path):
    out, into = weights[path + ".weight"].shape
    return nn.Linear(into, out, bias=path + ".bias" in weights)


class BatchNorm(nn.modules.batchnorm._BatchNorm):
    def _check_input_dim(self, x):
        assert x.dim() >= 2  # [N, C], [N, C, L] and [N, C, H, W] alike

    def _load_from_state_dict(self, *given):
        nn.Module._load_from_state_dict(self, *given)  # torch's own adds a num_batches_tracked


def batch_norm(options, weights, path):
    channels = len(weights[path + ".weight"])
    norm = BatchNorm(channels, options.get("epsilon", 1e-5), options.get("momentum", 0.1))
    norm.num_batches_tracked = None  # Gradus counts none
    return norm


class Residual(Chain):
    def __init__(self, options, weights, path):
        super().__init__(options["layers"], weights, path)
        next_name, self.projection = str(len(options["layers"])), None
        shortcut, own = options.get("shortcut", "auto"), f"{path}.{next_name}"
        self.zero_pad = shortcut == "zero_pad"
        if own + ".weight" in weights or own + ".0.weight" in weights:
            normed = own + ".0.weight" in weights
            first = own + ".0" if normed else own
            matrix = weights[first + ".weight"].ndim == 2
            layers = [dense({}, weights, first) if matrix else Convolution({}, weights, first)]
            if normed:
                layers.append(batch_norm({}, weights, own + ".1"))
            self.add_module(next_name, nn.Sequential(*layers) if normed else layers[0])
            self.projection = next_name
        activation = options.get("activation")
        self.activation = make(activation, weights, path) if activation else None

    def forward(self, x):
        y = super().forward(x)
        for axis in range(2, x.dim()):  # every s-th row and column
            step = -(-x.shape[axis] // y.shape[axis])
            x = x.index_select(axis, torch.arange(0, x.shape[axis], step))
        if self.projection is not None:
            x = getattr(self, self.projection)(x)
        elif self.zero_pad:
            x = F.pad(x, [0, 0] * (x.dim() - 2) + [0, y.shape[1] - x.shape[1]])
        y = x + y
        return y if self.activation is None else self.activation(y)


class DenseBlock(nn.Module):
    def __init__(self, options, weights, path):
        super().__init__()
        self.join = options.get("join", "concatenate")
        unit = ["batch_norm", "relu", {"conv2d": {"padding": "same"}}]
        specs = unit * (2 if options.get("bottleneck") else 1)
        if options.get("dropout", 0) > 0:
            specs = specs + [{"dropout": options["dropout"]}]
        for i in range(options["layers"]):
            self.add_module(str(i), Chain(specs, weights, f"{path}.{i}"))

    def forward(self, x):
        if self.join == "branch":
            return torch.cat([x] + [h(x) for h in self.children()], 1)
        for h in self.children():
            x = torch.cat([x, h(x)], 1) if self.join == "concatenate" else x * h(x)
        return x


class Parallel(nn.Module):
    def __init__(self, options, weights, path):
        super().__init__()
        self.join = options.get("join", "concatenate")
        for i, spec in enumerate(options["branches"]):
            self.add_module(str(i), make(spec, weights, f"{path}.{i}"))

    def forward(self, x):
        parts = [branch(x) for branch in self.children()]
        if self.join == "concatenate":
            return torch.cat(parts, 1)
        y = parts[0]
        for part in parts[1:]:
            y = y + part if self.join == "add" else y * part
        return y


class Noise(nn.Module):
    def __init__(self, std):
        super().__init__()
        self.std = std

    def forward(self, x):
        return x + self.std * torch.randn_like(x) if self.training else x


def transition(options, weights, path):
    return Chain(["batch_norm", "relu", "conv2d", {"avg_pool2d": 2}], weights, path)


# The option that a bare value sets, and the module. A layer's options, the weights, its path.
KINDS = {
    "adaptive_avg_pool2d": ("size", lambda o, w, p: nn.AdaptiveAvgPool2d(pair(o["size"]))),
    "avg_pool2d": ("kernel", lambda o, w, p: Pool(o, False)),
    "batch_norm": ("", batch_norm),
    "conv1d": ("filters", Convolution),
    "conv2d": ("filters", Convolution),
    "conv_transpose2d": ("filters", TransposedConvolution),
    "dense": ("units", dense),
    "dense_block": ("layers", DenseBlock),
    "dropout": ("rate", lambda o, w, p: nn.Dropout(o.get("rate", 0.5))),
    "elu": ("alpha", lambda o, w, p: nn.ELU(o.get("alpha", 1.0))),
    "flatten": ("", lambda o, w, p: nn.Flatten()),
    "gaussian_noise": ("std", lambda o, w, p: Noise(o.get("std", 0.1))),
    "gelu": ("", lambda o, w, p: nn.GELU()),
    "global_avg_pool2d": ("", lambda o, w, p: Function(lambda x: x.mean((2, 3)))),
    "group_norm": ("groups", lambda o, w, p: nn.GroupNorm(o["groups"], len(w[p + ".weight"]), o.get("epsilon", 1e-5))),
    "identity": ("", lambda o, w, p: nn.Identity()),
    "layer_norm": ("axes", lambda o, w, p: nn.LayerNorm(w[p + ".weight"].shape, o.get("epsilon", 1e-5))),
    "leaky_relu": ("slope", lambda o, w, p: nn.LeakyReLU(o.get("slope", 0.01))),
    "max_pool2d": ("kernel", lambda o, w, p: Pool(o, True)),
    "parallel": ("branches", Parallel),
    "relu": ("", lambda o, w, p: nn.ReLU()),
    "reshape": ("shape", lambda o, w, p: Function(lambda x: x.reshape(x.shape[0], *pair(o["shape"], 1)))),
    "residual": ("layers", Residual),
    "selu": ("", lambda o, w, p: nn.SELU()),
    "sequential": ("layers", lambda o, w, p: Chain(o["layers"], w, p)),
    "sigmoid": ("", lambda o, w, p: nn.Sigmoid()),
    "silu": ("", lambda o, w, p: nn.SiLU()),
    "softmax": ("axis", lambda o, w, p: nn.Softmax(o.get("axis", -1))),
    "softplus": ("beta", lambda o, w, p: nn.Softplus(o.get("beta", 1.0), threshold=80)),
    "spatial_dropout": ("rate", lambda o, w, p: nn.Dropout2d(o.get("rate", 0.5))),
    "tanh": ("", lambda o, w, p: nn.Tanh()),
    "transition": ("compression", transition),
}


def make(spec, weights, path):
    """The module of a layer entry: "relu", { dense = 10 }, { dense = { units = 10 } } or a list."""
    if isinstance(spec, str):
        spec = {spec: {}}
    if isinstance(spec, list):
        spec = {"sequential": {"layers": spec}}
    ((kind, options),) = spec.items()
    main, builder = KINDS[kind]
    if not isinstance(options, dict):
        options = {main: options}
    module = builder(options, weights, path)
    if options.get("freeze"):
        module.requires_grad_(False)
    return module
