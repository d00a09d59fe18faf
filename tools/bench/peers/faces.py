"""What a competent user writes to make a CelebA-HQ-like dataset from photographs: MediaPipe finds the faces, Pillow, NumPy
and SciPy align them by the recipe of the official tool, one process per core, TensorFlow's own record writer.

    faces.py SOURCE OUT SIDE PROCESSES MODEL [POINTS]

Of each photograph the face with the widest eye distance, or that of POINTS, a file like OUT/names.jsonl: name and five
points of each record.
"""
import json
import os
import sys
from multiprocessing import Pool

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
os.environ['GLOG_minloglevel'] = '3'

import mediapipe as mp
import numpy as np
import scipy.ndimage
import tensorflow as tf
from PIL import Image, ImageOps

POINTS = [468, 473, 4, 61, 291]  # eyes, nose, mouth corners
landmarker = None
side = None
known = {}  # points by name


def start(model, size, points):
    """In each process."""
    global landmarker, side, known
    side, known = size, points
    vision = mp.tasks.vision
    landmarker = vision.FaceLandmarker.create_from_options(
        vision.FaceLandmarkerOptions(
            base_options=mp.tasks.BaseOptions(model_asset_path=model),
            running_mode=vision.RunningMode.IMAGE,
            num_faces=20,
        )
    )


def find_points(picture):
    """Five points of the largest face in pixels, or None."""
    found = landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=np.asarray(picture)))
    faces = [
        np.array([[face[i].x * picture.width, face[i].y * picture.height] for i in POINTS])
        for face in found.face_landmarks
    ]
    return max(faces, key=lambda points: np.hypot(*(points[1] - points[0])), default=None)


def rotated(vector):
    return np.array([-vector[1], vector[0]])


def align(picture, points):
    """The portrait as uint8 HWC."""
    points = points.astype(np.float32)
    eyes = points[:2].mean(axis=0) + 0.5
    mouth = points[3:].mean(axis=0) + 0.5
    across, down = points[1] - points[0], mouth - eyes
    x = across - rotated(down)
    x *= max(2.0 * np.hypot(*across), 1.8 * np.hypot(*down)) / np.hypot(*x)
    y = rotated(x)
    centre = eyes + 0.1 * down
    quad = np.stack([centre - x - y, centre - x + y, centre + x + y, centre + x - y])
    zoom = side / (2 * float(np.hypot(*x)))

    factor = int(0.5 // zoom)
    if factor > 1:
        picture = picture.resize([round(length / factor) for length in picture.size], Image.LANCZOS)
        quad, zoom = quad / factor, zoom * factor

    border = max(round(0.1 * side / zoom), 3)
    low, high = np.floor(quad.min(axis=0)).astype(int), np.ceil(quad.max(axis=0)).astype(int)
    box = [
        max(low[0] - border, 0),
        max(low[1] - border, 0),
        min(high[0] + border, picture.width),
        min(high[1] + border, picture.height),
    ]
    if box[2] - box[0] < picture.width or box[3] - box[1] < picture.height:
        picture = picture.crop(box)
        quad = quad - box[:2]

    factor = 2 ** int(np.ceil(np.log2(zoom)))
    if factor > 1:
        picture = picture.resize([length * factor for length in picture.size], Image.LANCZOS)
        quad, zoom = quad * factor, zoom / factor

    low, high = np.floor(quad.min(axis=0)).astype(int), np.ceil(quad.max(axis=0)).astype(int)
    pad = np.maximum([*(border - low), *(high - picture.size + border)], 0)
    if pad.max() > border - 4:
        picture, quad = padded(picture, quad, np.maximum(pad, round(0.3 * side / zoom)), 0.02 * side / zoom)
    corners = (quad + 0.5).flatten().tolist()
    large = picture.transform((4 * side, 4 * side), Image.QUAD, corners, Image.BILINEAR)
    return np.asarray(large.resize((side, side), Image.LANCZOS))


def padded(picture, quad, pad, sigma):
    left, top, right, bottom = pad
    pixels = np.pad(np.float32(picture), ((top, bottom), (left, right), (0, 0)), 'reflect')
    height, width, _ = pixels.shape
    y, x, _ = np.ogrid[:height, :width, :1]
    mask = 1 - np.minimum(
        np.minimum(np.float32(x) / left, np.float32(y) / top),
        np.minimum(np.float32(width - 1 - x) / right, np.float32(height - 1 - y) / bottom),
    )
    blurred = scipy.ndimage.gaussian_filter(pixels, [sigma, sigma, 0])
    pixels += (blurred - pixels) * np.clip(3 * mask + 1, 0, 1)
    pixels += (np.median(pixels, axis=(0, 1)) - pixels) * np.clip(mask, 0, 1)
    return Image.fromarray(np.uint8(np.clip(np.round(pixels), 0, 255))), quad + [left, top]


def example(pixels):
    feature = {
        'shape': tf.train.Feature(int64_list=tf.train.Int64List(value=pixels.shape)),
        'data': tf.train.Feature(bytes_list=tf.train.BytesList(value=[pixels.tobytes()])),
    }
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


def work(path):
    """Name, points and records of one photograph, the largest level first; None without a face."""
    picture = ImageOps.exif_transpose(Image.open(path)).convert('RGB')
    name = os.path.basename(path)
    points = np.reshape(known[name], (5, 2)) if name in known else find_points(picture)
    if points is None:
        return None
    pixels = align(picture, points).transpose(2, 0, 1)
    records = [example(pixels)]
    means = pixels.astype(np.float32)
    while means.shape[1] > 4:
        means = (means[:, 0::2, 0::2] + means[:, 0::2, 1::2] + means[:, 1::2, 0::2] + means[:, 1::2, 1::2]) * 0.25
        records.append(example(np.rint(means).clip(0, 255).astype(np.uint8)))
    return name, points.flatten().tolist(), records


def main():
    source, out, size, processes, model = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
    os.makedirs(out)
    points = {}
    if len(sys.argv) > 6:
        with open(sys.argv[6]) as file:
            points = {line['name']: line['points'] for line in map(json.loads, file)}
    paths = [os.path.join(source, name) for name in sorted(os.listdir(source))]
    log2 = size.bit_length() - 1
    writers = [tf.io.TFRecordWriter(os.path.join(out, f'peer-r{level:02d}.tfrecords')) for level in range(log2, 1, -1)]
    with Pool(processes, start, (model, size, points)) as pool, open(os.path.join(out, 'names.jsonl'), 'w') as names:
        for found in pool.imap(work, paths, chunksize=1):
            if found is None:
                continue
            name, points, records = found
            names.write(json.dumps({'name': name, 'points': points}) + '\n')
            for writer, record in zip(writers, records):
                writer.write(record)
    for writer in writers:
        writer.close()


if __name__ == '__main__':
    main()
