#!/usr/bin/env python3
"""Writes the arrays of this folder with numpy 1.24, so that the readers are tested on files of other hands."""
import pathlib

import numpy as np

here = pathlib.Path(__file__).parent
a = np.array([[1.5, -2, 0.25], [3, float("inf"), -0.0]], dtype="<f4")
np.savez(here / "stored.npz", x=a, y=np.array([3, 1, 2], dtype="i8"))
np.savez_compressed(here / "deflated.npz", x=np.arange(60, dtype="f8").reshape(3, 4, 5), flag=np.array(True))
np.save(here / "fortran.npy", np.asfortranarray(np.arange(24, dtype="i4").reshape(2, 3, 4)))
np.save(here / "big_endian.npy", np.array([1, -2, 70000], dtype=">i4"))
np.save(here / "half.npy", np.array([1, -2, 65504, 6e-8, np.inf, 0.333], dtype="f2"))
np.save(here / "structured.npy", np.zeros(2, dtype=[("a", "f4"), ("b", "i4")]))
np.save(here / "object.npy", np.array([None, {}], dtype=object), allow_pickle=True)
np.save(here / "text.npy", np.array(["a", "bc"]))
np.save(here / "complex.npy", np.zeros(2, dtype="c8"))
