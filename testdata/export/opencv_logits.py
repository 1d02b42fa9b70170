"""Logits of images by a model that `lanes export --format onnx` wrote.

    python3 opencv_logits.py model.onnx pixels.bin

pixels.bin holds images one after the other, as bytes: a plane of red, then one of
green and one of blue. The script prints a line for each image. Needs OpenCV, whose networks are
float32. For a picture, the input is cv2.dnn.blobFromImage(picture, 1,
(32, 32), swapRB=True).
"""
import sys

import cv2
import numpy as np

network = cv2.dnn.readNetFromONNX(sys.argv[1])
pixels = np.fromfile(sys.argv[2], np.uint8)
side = int(sys.argv[3]) if len(sys.argv) > 3 else 32
network.setInput(pixels.reshape(-1, 3, side, side).astype(np.float32), "pixels")
np.savetxt(sys.stdout, network.forward("logits"), fmt="%.17g")
