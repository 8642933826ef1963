/** What an instruction runs: a JSON array of words, or else a line for the shell (Dockerfile reference, "Shell and exec form"). */
export function commandOf(text: string): { words: string[]; isShell: boolean } {
  const words = listOf(text);
  return words === undefined
    ? { words: ['/bin/sh', '-c', ...(text === '' ? [] : [text])], isShell: true }
    : { words, isShell: false };
}

/** The strings of a JSON array; undefined for any other text. */
export function listOf(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((one) => typeof one === 'string') ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
