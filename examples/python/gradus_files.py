"""Gradus's model.toml and model.safetensors, read and written with nothing but Python and NumPy."""
import json
import pathlib
import struct
import tomllib

import numpy as np

_DTYPES = {"F32": np.float32, "F64": np.float64}


def read_model(folder):
    """The description in model.toml as a dict, and the weights as {name: array}."""
    folder = pathlib.Path(folder)
    with open(folder / "model.toml", "rb") as file:
        spec = tomllib.load(file)
    return spec, read_safetensors(folder / "model.safetensors")


def read_safetensors(path):
    data = pathlib.Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    weights = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        numbers = np.frombuffer(data[8 + length + begin : 8 + length + end], _DTYPES[entry["dtype"]])
        weights[name] = numbers.reshape(entry["shape"]).copy()
    return weights


def write_safetensors(path, weights):
    """Writes {name: array} as float32, in the dict's order."""
    header, parts, place = {}, [], 0
    for name, array in weights.items():
        part = np.ascontiguousarray(array, np.float32).tobytes()
        header[name] = {"dtype": "F32", "shape": list(np.shape(array)), "data_offsets": [place, place + len(part)]}
        parts.append(part)
        place += len(part)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
