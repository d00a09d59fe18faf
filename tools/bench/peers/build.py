"""What a competent user writes to make a multi-resolution TFRecord dataset from a folder of pictures: Pillow, NumPy,
one process per core, TensorFlow's own record writer.

    build.py SOURCE OUT SIDE PROCESSES
"""
import os
import sys
from multiprocessing import Pool

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'

import numpy as np
from PIL import Image
import tensorflow as tf


def example(pixels):
    feature = {
        'shape': tf.train.Feature(int64_list=tf.train.Int64List(value=pixels.shape)),
        'data': tf.train.Feature(bytes_list=tf.train.BytesList(value=[pixels.tobytes()])),
    }
    return tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString()


def levels(job):
    """Records of one picture, the largest level first."""
    path, side = job
    picture = Image.open(path).convert('RGB')
    width, height = picture.size
    shorter = min(width, height)
    left, top = (width - shorter) // 2, (height - shorter) // 2
    picture = picture.crop((left, top, left + shorter, top + shorter)).resize((side, side), Image.LANCZOS)
    pixels = np.asarray(picture).transpose(2, 0, 1)
    records = [example(pixels)]
    means = pixels.astype(np.float32)
    while means.shape[1] > 4:
        means = (means[:, 0::2, 0::2] + means[:, 0::2, 1::2] + means[:, 1::2, 0::2] + means[:, 1::2, 1::2]) * 0.25
        records.append(example(np.rint(means).clip(0, 255).astype(np.uint8)))
    return records


def main():
    source, out, side, processes = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    os.makedirs(out)
    jobs = [(os.path.join(source, name), side) for name in sorted(os.listdir(source))]
    log2 = side.bit_length() - 1
    writers = [tf.io.TFRecordWriter(os.path.join(out, f'peer-r{level:02d}.tfrecords')) for level in range(log2, 1, -1)]
    with Pool(processes) as pool:
        for records in pool.imap(levels, jobs, chunksize=8):
            for writer, record in zip(writers, records):
                writer.write(record)
    for writer in writers:
        writer.close()


if __name__ == '__main__':
    main()
