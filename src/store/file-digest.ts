import sha256File from 'sha256-file';

/** `sha256:...` of a file at rest. Rejects with what the file system said. */
export function digestOfFile(path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    sha256File(path, (error, sum) => (error ? reject(error) : resolve(`sha256:${sum}`)));
  });
}
