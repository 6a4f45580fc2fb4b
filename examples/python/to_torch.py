#!/usr/bin/env python3
"""Loads a run folder into PyTorch: to_torch.py DIR [--input x.npy --output y.npy] [--save weights.pt]

--output gets what the PyTorch module gives for the examples of --input, as `gradus run` gives it; --save the module's
state_dict.
"""
import argparse

import numpy as np
import torch

import gradus_torch


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--input")
    parser.add_argument("--output")
    parser.add_argument("--save")
    given = parser.parse_args()
    module = gradus_torch.load(given.folder)
    print(module)
    if given.input:
        with torch.no_grad():
            y = module(torch.from_numpy(np.load(given.input))).numpy()
        if given.output:
            np.save(given.output, y)
    if given.save:
        torch.save(module.state_dict(), given.save)


if __name__ == "__main__":
    main()
