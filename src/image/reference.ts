import type { Digest } from './digest.ts';

/**
 * What the user typed, taken apart and completed with docker's defaults
 * (distribution/reference grammar: `[domain[:port]/]path[:tag][@digest]`).
 */
export interface Reference {
  /** Registry host with port, `docker.io` for Docker Hub. */
  domain: string;
  /** Path within the registry, `library/` added for Docker Hub's one-part names. */
  path: string;
  /** `latest` when neither tag nor digest was given; absent when only a digest was. */
  tag?: string;
  digest?: Digest;
  /** `http` or `https` when the user typed the scheme (`http://HOST/NAME`). */
  scheme?: 'http' | 'https';
}
