"""Makes cifar-10-batches-py and cifar-10-batches-bin in its own folder, with the same two images in each pair of files.

Python 2 writes them with cPickle and protocol 2, as the published files were written. It needs no numpy: the classes below
replace numpy's, with the names, arguments and states that cPickle asks for. Python 3 with numpy reads and compares them.

    python2 make.py && python3 make.py
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = [("data_batch_%d" % i, "training batch %d of 5" % i) for i in range(1, 6)] + [("test_batch", "testing batch 1 of 1")]
IMAGES = 2


def label(n):
    return n * 7 % 10


def pixel(n, j):
    return (n * 13 + j // 1024 * 50 + j % 32 * 5 + j // 32 % 32 * 2) % 256


def write():
    import cPickle
    import types

    class ndarray(object):
        def __init__(self, rows, columns, data):
            self.state = 1, (rows, columns), dtype("u1", 0, 1), False, data

        def __reduce__(self):
            return multiarray._reconstruct, (ndarray, (0,), "b"), self.state

    class dtype(object):
        def __init__(self, *args):
            self.args = args

        def __reduce__(self):
            return dtype, self.args, (3, "|", None, None, None, -1, -1, 0)

    def _reconstruct(*args):
        pass

    numpy, core, multiarray = [types.ModuleType(name) for name in ("numpy", "numpy.core", "numpy.core.multiarray")]
    for thing, module in (ndarray, numpy), (dtype, numpy), (_reconstruct, multiarray):
        thing.__module__ = module.__name__
        setattr(module, thing.__name__, thing)
    numpy.core, core.multiarray = core, multiarray
    sys.modules.update((m.__name__, m) for m in (numpy, core, multiarray))

    for folder in "cifar-10-batches-bin", "cifar-10-batches-py":
        if not os.path.isdir(os.path.join(HERE, folder)):
            os.mkdir(os.path.join(HERE, folder))
    for k, (name, title) in enumerate(FILES):
        numbers = range(k * IMAGES, (k + 1) * IMAGES)
        images = [b"".join(chr(pixel(n, j)) for j in range(3072)) for n in numbers]
        batch = {
            "batch_label": title,
            "labels": [label(n) for n in numbers],
            "data": ndarray(IMAGES, 3072, b"".join(images)),
            "filenames": ["picture_s_%06d.png" % n for n in numbers],
        }
        with open(os.path.join(HERE, "cifar-10-batches-py", name), "wb") as f:
            cPickle.dump(batch, f, 2)
        with open(os.path.join(HERE, "cifar-10-batches-bin", name + ".bin"), "wb") as f:
            for n, image in zip(numbers, images):
                f.write(chr(label(n)) + image)


def check():
    import pickle
    import numpy

    for name, title in FILES:
        with open(os.path.join(HERE, "cifar-10-batches-py", name), "rb") as f:
            batch = pickle.load(f, encoding="bytes")
        records = numpy.fromfile(os.path.join(HERE, "cifar-10-batches-bin", name + ".bin"), numpy.uint8).reshape(-1, 3073)
        assert batch[b"data"].dtype == numpy.uint8 and (batch[b"data"] == records[:, 1:]).all(), name
        assert batch[b"labels"] == list(records[:, 0]), name
        assert batch[b"batch_label"] == title.encode() and len(batch[b"filenames"]) == IMAGES, name
    print("numpy reads the same images from both")


write() if sys.version_info[0] == 2 else check()
