"""The metrics as NumPy and SciPy give them, step by step as the official evaluation goes: the last line of output is
seconds, processor seconds of all threads (both without the start), peak memory in MiB and the values, as JSON.

    metrics.py swd REALS FAKES COUNT SIDE      files of uint8 [COUNT, 3, SIDE, SIDE]
    metrics.py swd64 ...                       the same with means and deviations that are summed in float64
    metrics.py msssim IMAGES COUNT SIDE        consecutive images are pairs
    metrics.py frechet STATISTICS DIMENSION    float64: mean, covariance, mean, covariance
"""
import functools
import json
import resource
import sys
import time

import numpy as np
import scipy.linalg
import scipy.ndimage
import scipy.signal

BINOMIAL = np.outer([1, 4, 6, 4, 1], [1, 4, 6, 4, 1]).astype(np.float32)[None, None] / 256


def load(path, count, side):
    return np.memmap(path, np.uint8, 'r', shape=(count, 3, side, side))


# Sliced Wasserstein distance.


def pyramid(images, levels):
    out = [images.astype(np.float32)]
    for _ in range(1, levels):
        small = scipy.ndimage.convolve(out[-1], BINOMIAL, mode='mirror')[:, :, ::2, ::2]
        spread = np.zeros_like(out[-1])
        spread[:, :, ::2, ::2] = small
        out[-1] -= scipy.ndimage.convolve(spread, BINOMIAL * 4, mode='mirror')
        out.append(small)
    return out


def patches(level, number=128, side=7):
    count, channels, height, width = level.shape
    total = count * number
    half = side // 2
    image, channel, x, y = np.ogrid[0:total, 0:channels, -half : half + 1, -half : half + 1]
    image = image // number
    x = x + np.random.randint(half, width - half, size=(total, 1, 1, 1))
    y = y + np.random.randint(half, height - half, size=(total, 1, 1, 1))
    return level.ravel()[((image * channels + channel) * height + y) * width + x]


def describe(images, side, minibatch, sums):
    levels = side.bit_length() - 4
    parts = [[] for _ in range(levels)]
    for first in range(0, len(images), minibatch):
        for level, values in enumerate(pyramid(images[first : first + minibatch], levels)):
            parts[level].append(patches(values))
    out = []
    for level in range(levels):
        values = np.concatenate(parts[level])
        parts[level] = None
        values -= np.mean(values, axis=(0, 2, 3), keepdims=True, dtype=sums).astype(np.float32)
        values /= np.std(values, axis=(0, 2, 3), keepdims=True, dtype=sums).astype(np.float32)
        out.append(values.reshape(len(values), -1))
    return out


def sliced(a, b, repeats=4, count=128):
    results = []
    for _ in range(repeats):
        directions = np.random.randn(a.shape[1], count)
        directions /= np.sqrt(np.sum(np.square(directions), axis=0, keepdims=True))
        directions = directions.astype(np.float32)
        left = np.sort(np.matmul(a, directions), axis=0)
        right = np.sort(np.matmul(b, directions), axis=0)
        results.append(np.mean(np.abs(left - right)))
    return float(np.mean(results)) * 1e3


def swd(reals, fakes, count, side, sums=np.float32):
    np.random.seed(0)
    minibatch = int(np.clip(8192 // side, 4, 256))
    sets = [describe(load(path, count, side), side, minibatch, sums) for path in (reals, fakes)]
    return [sliced(a, b) for a, b in zip(*sets)]


# MS-SSIM.


def window(size):
    sigma = 1.5 * size / 11
    at = np.arange(size) - (size - 1) / 2
    g = np.exp(-(at[:, None] ** 2 + at[None] ** 2) / (2 * sigma**2))
    return (g / g.sum()).reshape(1, size, size, 1)


def similarity(a, b):
    size = min(11, a.shape[1], a.shape[2])
    w = window(size)
    mean = lambda images: scipy.signal.fftconvolve(images, w, mode='valid')
    ma, mb = mean(a), mean(b)
    aa, bb, ab = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    structure = (2 * ab + c2) / (aa + bb + c2)
    luminance = (2 * ma * mb + c1) / (ma * ma + mb * mb + c1)
    return np.mean(luminance * structure, axis=(1, 2, 3)), np.mean(structure, axis=(1, 2, 3))


def msssim(path, count, side):
    weights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]
    images = load(path, count, side)
    minibatch = int(np.clip(8192 // side, 4, 256))
    scores = []
    for first in range(0, count, minibatch):
        a, b = (images[first + i : first + minibatch : 2].transpose(0, 2, 3, 1).astype(np.float32) for i in (0, 1))
        score = 1.0
        for level, weight in enumerate(weights):
            ssim, structure = similarity(a, b)
            score = score * np.clip(ssim if level == 4 else structure, 0, None) ** weight
            a, b = (
                (x[:, 0::2, 0::2] + x[:, 1::2, 0::2] + x[:, 0::2, 1::2] + x[:, 1::2, 1::2]) / 4 if level < 4 else x
                for x in (a, b)
            )
        scores.extend(score)
    return [float(np.mean(scores))]


# Fréchet distance.


def frechet(path, dimension):
    values = np.fromfile(path, np.float64)
    part = dimension * (dimension + 1)
    (m1, s1), (m2, s2) = (
        (v[:dimension], v[dimension:].reshape(dimension, dimension)) for v in (values[:part], values[part:])
    )
    root = scipy.linalg.sqrtm(np.dot(s1, s2))
    return [float(np.real(np.sum(np.square(m1 - m2)) + np.trace(s1 + s2 - 2 * root)))]


def main():
    metric, *files = sys.argv[1:]
    arguments = [int(value) if value.isdigit() else value for value in files]
    start, used = time.perf_counter(), time.process_time()
    swd64 = functools.partial(swd, sums=np.float64)
    values = {'swd': swd, 'swd64': swd64, 'msssim': msssim, 'frechet': frechet}[metric](*arguments)
    seconds = time.perf_counter() - start
    processor = time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({'seconds': seconds, 'processor': processor, 'peak': peak, 'values': values}))


if __name__ == '__main__':
    main()
