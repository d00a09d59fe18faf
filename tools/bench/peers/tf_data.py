"""tf.data on the files of a dataset.

read FILE...             uint8 images of the level, in stored order, to standard output
write FILE CHANNELS SIDE COUNT
                         records written by TensorFlow itself; their pixels to standard output
epochs FILE BATCH N      seconds of each of N shuffled epochs of parsed minibatches, one a line
cached FILE BATCH N      the same with the parsed images kept in memory
"""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

FEATURES = {
    "shape": tf.io.FixedLenFeature([3], tf.int64),
    "data": tf.io.FixedLenFeature([], tf.string),
}


def parse(record):
    features = tf.io.parse_single_example(record, FEATURES)
    return tf.reshape(tf.io.decode_raw(features["data"], tf.uint8), features["shape"])


def read(files):
    for image in tf.data.TFRecordDataset(files).map(parse):
        sys.stdout.buffer.write(image.numpy().tobytes())


def write(file, channels, side, count):
    pixels = np.random.RandomState(7).randint(0, 256, [count, channels, side, side]).astype(np.uint8)
    with tf.io.TFRecordWriter(file) as writer:
        for image in pixels:
            shape = tf.train.Feature(int64_list=tf.train.Int64List(value=image.shape))
            data = tf.train.Feature(bytes_list=tf.train.BytesList(value=[image.tobytes()]))
            features = tf.train.Features(feature={"shape": shape, "data": data})
            writer.write(tf.train.Example(features=features).SerializeToString())
    sys.stdout.buffer.write(pixels.tobytes())


def epochs(file, batch, count, cached):
    records = sum(1 for _ in tf.data.TFRecordDataset(file))
    parsed = tf.data.TFRecordDataset(file, buffer_size=256 << 20).map(
        parse, num_parallel_calls=tf.data.AUTOTUNE
    )
    images = (
        (parsed.cache() if cached else parsed)
        .shuffle(records)
        .batch(batch, drop_remainder=True)
        .prefetch(tf.data.AUTOTUNE)
    )
    for _ in range(count):
        start = time.perf_counter()
        for _ in images:
            pass
        print(time.perf_counter() - start, flush=True)


command, *rest = sys.argv[1:]
if command == "read":
    read(rest)
elif command == "write":
    write(rest[0], *map(int, rest[1:]))
else:
    epochs(rest[0], int(rest[1]), int(rest[2]), command == "cached")
