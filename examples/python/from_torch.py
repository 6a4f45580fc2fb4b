#!/usr/bin/env python3
"""Brings weights of PyTorch back: from_torch.py weights.pt DIR --out model.safetensors

weights.pt is a state_dict with the names of DIR's model, as to_torch.py saves it; DIR/model.toml says what network it
is of. The file goes into a folder beside a copy of that model.toml, or to `gradus train --init-from`.
"""
import argparse

import torch

import gradus_files
import gradus_torch


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights")
    parser.add_argument("folder")
    parser.add_argument("--out", required=True)
    given = parser.parse_args()
    module = gradus_torch.Network(*gradus_files.read_model(given.folder))
    module.load_state_dict(torch.load(given.weights))  # refuses other names and shapes
    gradus_torch.save_weights(module, given.out)


if __name__ == "__main__":
    main()
