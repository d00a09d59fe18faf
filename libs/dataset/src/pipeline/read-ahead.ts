/** Each of `items` with what `read` makes of it, in order; up to `depth` are on their way while one is used. */
export async function* readAhead<Item, Result>(
  items: Iterable<Item>,
  depth: number,
  read: (item: Item, index: number) => Promise<Result>,
): AsyncGenerator<readonly [Item, Result], void, void> {
  const waiting: { readonly item: Item; readonly reading: Promise<Result> }[] = [];
  const source = items[Symbol.iterator]();
  let index = 0;
  const begin = () => {
    const { done, value } = source.next();
    if (done) return;
    const reading = read(value, index++);
    // An error waits for the turn of its item.
    reading.catch(() => undefined);
    waiting.push({ item: value, reading });
  };
  try {
    for (let i = 0; i < depth; i++) begin();
    for (let first = waiting.shift(); first; first = waiting.shift()) {
      const result = await first.reading;
      begin();
      yield [first.item, result];
    }
  } finally {
    await Promise.allSettled(waiting.map(({ reading }) => reading));
  }
}
