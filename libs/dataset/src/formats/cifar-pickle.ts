/** CIFAR's Python files: pickled dictionaries of pictures and labels, and of the names of the classes. */
import { DatasetError } from '../errors.js';
import { cifarPictureBytes, checkCifarLabels, type CifarBatch } from './cifar-binary.js';
import { asIntegers, asText, NumpyArray, type PickleDict, type PickleValue } from './pickle-objects.js';
import { parsePickle } from './pickle.js';

const invalid = (file: string, what: string, expected: string) =>
  new DatasetError('source-invalid', `${file}: ${what}; expected ${expected}`);

function parseDictionary(bytes: Buffer, file: string): PickleDict {
  const value = parsePickle(bytes, file);
  if (value instanceof Map) return value;
  throw invalid(file, 'its pickle is no dictionary', 'a file of CIFAR-10 or CIFAR-100');
}

function labelsOf(value: PickleValue | undefined, key: string, classes: number, count: number, file: string) {
  const numbers = asIntegers(value);
  if (!numbers) throw invalid(file, `"${key}" is no list of integers`, `one label for each picture`);
  if (numbers.length !== count)
    throw invalid(file, `"${key}" has ${numbers.length} labels for ${count} pictures`, 'one for each');
  checkCifarLabels(numbers, classes, file);
  return Uint8Array.from(numbers);
}

/** @throws DatasetError `source-invalid` */
export function parseCifarPickle(bytes: Buffer, file: string): CifarBatch {
  const dictionary = parseDictionary(bytes, file);
  const array = dictionary.get('data');
  const wanted = `an array of bytes, one row of ${cifarPictureBytes} for each picture`;
  if (!(array instanceof NumpyArray)) throw invalid(file, 'its dictionary has no array "data"', wanted);
  const { data, dtype, shape } = array;
  if (dtype?.bytes !== 1 || dtype.signed || shape.length !== 2 || shape[1] !== cifarPictureBytes || !shape[0])
    throw invalid(file, `"data" is of shape (${shape.join(', ')}) or of another type`, wanted);
  const hundred = dictionary.has('fine_labels');
  const labels = (key: string, classes: number) =>
    labelsOf(dictionary.get(key), key, classes, shape[0]!, file);
  return {
    classes: hundred ? 100 : 10,
    labels: hundred ? labels('fine_labels', 100) : labels('labels', 10),
    coarse: hundred ? labels('coarse_labels', 20) : null,
    picture: (i) => new Uint8Array(data.subarray(i * cifarPictureBytes, (i + 1) * cifarPictureBytes)),
  };
}

/** Names of classes: `key` of the file that is called batches.meta or meta. Null where it has none. */
export function parseCifarNames(bytes: Buffer, key: string, file: string): string[] | null {
  const list = parseDictionary(bytes, file).get(key);
  if (list === undefined) return null;
  const names = Array.isArray(list) ? list.slice(0, 256).map(asText) : [null];
  if (names.includes(null)) throw invalid(file, `"${key}" is no list of names`, 'the names of the classes');
  return names as string[];
}
