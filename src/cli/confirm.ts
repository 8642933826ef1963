/** Asks before something is done for good, in docker's words; true for y. Nobody who could answer is a no. */
export async function confirm(warning: string): Promise<boolean> {
  process.stdout.write(`WARNING! ${warning}\nAre you sure you want to continue? [y/N] `);
  const { createInterface } = await import('node:readline');
  const reader = createInterface({ input: process.stdin });
  const answer = await new Promise<string>((resolve) => {
    reader.once('line', resolve);
    reader.once('close', () => resolve(''));
  });
  reader.close();
  return /^y(es)?$/i.test(answer.trim());
}
