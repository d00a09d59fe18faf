/** Values that depend on their key alone and are asked for again soon: tables of pictures that are of one kind. */

/** `make` with a memory of its last `most` results; what it returns must not be changed. */
export function keepRecent<Key extends readonly unknown[], Value>(
  most: number,
  nameOf: (...key: Key) => string,
  make: (...key: Key) => Value,
): (...key: Key) => Value {
  const values = new Map<string, Value>();
  return (...key) => {
    const name = nameOf(...key);
    const known = values.get(name);
    // A map lists its keys by age: what was used just now goes to the end.
    values.delete(name);
    const value = known ?? make(...key);
    values.set(name, value);
    if (values.size > most) values.delete(values.keys().next().value!);
    return value;
  };
}
