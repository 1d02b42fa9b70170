"""Writes types.npz, packed: a 2×3 array of every type of element, in both byte orders and both orders of elements, named
after them, and text. Needs numpy.

    python3 make.py
"""
import os

import numpy

HERE = os.path.dirname(os.path.abspath(__file__))
VALUES = {"b": [0, 1, 1, 0, 0, 1], "i": [0, 1, -1, 100, -128, 127], "u": [0, 1, 2, 100, 128, 255], "f": [0, 1, -0.5, 65504, 2.0**-24, -numpy.inf]}

arrays = {}
for kind, sizes in {"b": [1], "i": [1, 2, 4, 8], "u": [1, 2, 4, 8], "f": [2, 4, 8]}.items():
    for size in sizes:
        for order in "<>" if size > 1 else "|":
            a = numpy.array(VALUES[kind], dtype="%s%s%d" % (order, kind, size)).reshape(2, 3)
            arrays[a.dtype.str + " C"] = a
            arrays[a.dtype.str + " F"] = numpy.asfortranarray(a)
for dtype in "<U4", ">U4", "S5":
    arrays[dtype] = numpy.array(["", "a", "øre", "b c"] if dtype != "S5" else [b"", b"a", b"\xc3\xb8re", b"b c"], dtype=dtype)
arrays["cube F"] = numpy.asfortranarray(numpy.arange(24, dtype="u1").reshape(2, 3, 4))
arrays["scalar"] = numpy.array(7.5)
numpy.savez_compressed(os.path.join(HERE, "types.npz"), **arrays)
