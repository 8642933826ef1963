/** Chunks handed from message events to a loop that takes them one by one. */
export interface Inbox extends AsyncIterable<Buffer> {
  push(chunk: Buffer): void;
  end(): void;
  /** The loop throws the error when it has taken the chunks before. */
  breakOff(error: Error): void;
  /** The loop throws the error at its next turn. */
  fail(error: Error): void;
  /** Throws that error. */
  check(): void;
}

type Item = { chunk: Buffer } | { error: Error } | 'end';

export function createInbox(): Inbox {
  const items: Item[] = [];
  let wake: (() => void) | undefined;
  let failure: Error | undefined;
  const put = (item: Item) => {
    items.push(item);
    wake?.();
  };
  return {
    push: (chunk) => put({ chunk }),
    end: () => put('end'),
    breakOff: (error) => put({ error }),
    fail(error) {
      items.length = 0;
      failure = error;
      put({ error });
    },
    check() {
      if (failure !== undefined) throw failure;
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const item = items.shift();
        if (item === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        } else if (item === 'end') return;
        else if ('error' in item) throw item.error;
        else yield item.chunk;
      }
    },
  };
}
