declare module 'sha256-file' {
  /** The hex digest of the file's SHA-256. */
  export default function sha256File(
    path: string,
    callback: (error: Error | null, sum: string | null) => void,
  ): void;
}
