#!/usr/bin/python3
"""Writes small image files and images.txt, their pixels, with Pillow (Debian: python3-pil 9.4, python3-numpy).

A line is FILE CHANNELS HEIGHT WIDTH and the pixels [C, H, W]; FILE@HxW is the image resized, FILE@gray its luma.
"""
import pathlib

import numpy as np
from PIL import Image

FOLDER = pathlib.Path(__file__).resolve().parent / "images"
FOLDER.mkdir(exist_ok=True)
lines = []


def describe(name, pixels):
    pixels = np.asarray(pixels)
    pixels = pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)
    lines.append(" ".join([name] + [str(n) for n in pixels.shape] + [str(v) for v in pixels.reshape(-1)]))


def save(name, image, mode, **options):
    image.save(FOLDER / name, **options)
    describe(name, Image.open(FOLDER / name).convert(mode))


y, x = np.mgrid[0:12, 0:16]
colour = np.stack([x * 16, y * 20, (x * y * 3) % 256], axis=2).astype(np.uint8)
rgb = Image.fromarray(colour)
gray = Image.fromarray(((x * 13 + y * 7) % 256).astype(np.uint8))

save("gray.png", gray, "L")
save("colour.png", rgb, "RGB")
save("palette.png", rgb.quantize(16, dither=0), "RGB")
save("bits.png", gray.convert("1"), "L")
rgba = rgb.copy()
rgba.putalpha(gray)
rgba.save(FOLDER / "alpha.png")
describe("alpha.png", rgb)  # transparency is left aside
sixteen = (x * 4096 + y * 301).astype(np.uint16)
Image.fromarray(sixteen).save(FOLDER / "sixteen.png")
describe("sixteen.png", np.rint(sixteen / 257).astype(int))
save("gray.jpg", gray, "L", quality=90)
save("colour.jpg", rgb, "RGB", quality=90)
save("progressive.jpg", rgb, "RGB", quality=90, progressive=True)
rgb.convert("CMYK").save(FOLDER / "cmyk.jpg")
describe("colour.png@gray", rgb.convert("L"))
for h, w in ((6, 8), (5, 7), (1, 1), (24, 20), (12, 3)):
    describe(f"colour.png@{h}x{w}", rgb.resize((w, h), Image.Resampling.BILINEAR))

(FOLDER / "images.txt").write_text("\n".join(lines) + "\n")
