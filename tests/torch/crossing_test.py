#!/usr/bin/env python3
"""Weights from Gradus to PyTorch and back: crossing_test.py GRADUS

Trains small networks that have every kind of layer among them, compares what `gradus run` and the PyTorch module give,
changes the weights in PyTorch, brings them back and compares again. Exits 77 where PyTorch is not installed.
"""
import pathlib
import shutil
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import torch
except ImportError as error:
    print(f"skipped: {error} (apt-get install python3-torch)")
    sys.exit(77)

SCRIPTS = pathlib.Path(__file__).resolve().parents[2] / "examples" / "python"
sys.path.insert(0, str(SCRIPTS))
import gradus_torch  # noqa: E402

CONV = "{ conv2d = { filters = %d, kernel = 3, padding = 1, stride = %d, bias = false } }"
MODELS = {
    "dense": ([6], '{ dense = 8 }, "batch_norm", "sigmoid", { dense = 7 }, "tanh", '
              '{ dense = { units = 6, bias = false } }, '
              '"elu", { elu = 0.5 }, "selu", "gelu", "silu", "softplus", { softplus = 2.0 }, "leaky_relu", "identity", '
              '{ dropout = 0.2 }, { gaussian_noise = 0.1 }, { residual = [{ dense = 5 }] }, "layer_norm", '
              '{ dense = 3 }'),
    "images": ([3, 9, 8], '{ conv2d = { filters = 6, kernel = [3, 2], padding = "same", stride = 2 } }, "relu", '
               '{ conv2d = { filters = 4, kernel = 3, padding = 1, groups = 2 } }, { group_norm = 2 }, '
               '{ conv_transpose2d = { filters = 4, kernel = 3, stride = 2, padding = 1, output_padding = 1 } }, '
               '{ conv_transpose2d = { filters = 3, kernel = 1, stride = 2, padding = "same" } }, "layer_norm", '
               '{ max_pool2d = { kernel = 3, padding = "same" } }, { spatial_dropout = 0.1 }, '
               '{ avg_pool2d = { kernel = 2, stride = 1, padding = "same", count_padding = false } }, '
               '{ adaptive_avg_pool2d = [3, 2] }, { softmax = 1 }, "flatten", { dense = 3 }'),
    "sequence": ([12], '{ reshape = [2, 6] }, { conv1d = { filters = 4, kernel = 3, padding = "same" } }, '
                 '["relu", { conv1d = { filters = 4, kernel = 2, dilation = 2 } }], "flatten", { dense = 3 }'),
    "residual": ([4, 8, 8], "{ residual = { layers = [%s, \"batch_norm\"], activation = \"relu\" } }, "
                 "{ residual = [%s] }, { residual = { layers = [%s], shortcut = \"projection_norm\" } }, "
                 "{ residual = { layers = [%s], shortcut = \"zero_pad\" } }, \"global_avg_pool2d\", { dense = 3 }"
                 % (CONV % (4, 1), CONV % (6, 2), CONV % (8, 2), CONV % (9, 1))),
    "joined": ([4, 6, 6], '{ dense_block = { layers = 2, growth = 3, bottleneck = true, dropout = 0.1 } }, '
               '{ transition = 0.5 }, { dense_block = { layers = 2, growth = 2, join = "branch" } }, '
               '{ dense_block = { layers = 2, join = "product" } }, '
               '{ parallel = ["identity", { conv2d = { filters = 3, kernel = 1 } }] }, '
               '{ parallel = { branches = ["tanh", ["sigmoid", "relu"]], join = "add" } }, '
               '{ parallel = { branches = ["tanh", "identity"], join = "product" } }, "global_avg_pool2d", '
               '{ dense = 3 }'),
}


def check_near(name, ours, theirs):
    scale = max(1, np.abs(ours).max())
    worst = np.abs(ours - theirs).max()
    print(f"{name}: within {worst:.1e} of {scale:.3g}")
    assert ours.shape == theirs.shape and worst <= 1e-5 * scale, name


def main():
    gradus, folder = sys.argv[1], pathlib.Path(tempfile.mkdtemp(prefix="gradus-torch-"))

    def run(*words):
        subprocess.run([gradus, *map(str, words)], check=True, capture_output=True)

    def outputs(model):
        run("run", model, "--input", folder / "x.npy", "--output-dir", folder / "out")
        return np.load(folder / "out" / "output.npy")

    random = np.random.default_rng(1)
    try:
        for name, (shape, layers) in MODELS.items():
            x = random.normal(5, 2, (40, *shape)).astype(np.float32)
            np.savez(folder / "data.npz", x=x, y=np.arange(40) % 3)
            np.save(folder / "x.npy", x[:5])
            (folder / "m.toml").write_text(f"input = {shape}\nlayers = [{layers}]\n")
            out = folder / name
            run("train", "--data", f"npz:{folder / 'data.npz'}", "--model", folder / "m.toml", "--epochs", 1,
                "--batch-size", 10, "--lr", 0.01, "--standardize", "on", "--out", out)
            x = torch.from_numpy(x[:5])
            module = gradus_torch.load(out)
            check_near(f"{name} to PyTorch", outputs(out), module(x).detach().numpy())

            module.train()
            torch.optim.SGD(module.parameters(), 0.01).zero_grad()
            module(x).square().mean().backward()
            torch.optim.SGD(module.parameters(), 0.01).step()
            module.eval()
            torch.save(module.state_dict(), folder / "weights.pt")
            back = folder / f"{name}-back"
            back.mkdir()
            shutil.copy(out / "model.toml", back)
            subprocess.run([sys.executable, SCRIPTS / "from_torch.py", folder / "weights.pt", out, "--out",
                            back / "model.safetensors"], check=True)
            check_near(f"{name} and back", outputs(back), module(x).detach().numpy())
            assert np.abs(outputs(out) - outputs(back)).max() > 1e-4
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
