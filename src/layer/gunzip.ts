import { type Inflater, openInflater } from '../../native/isal.ts';
import { gunzipWith } from './gunzip-isal.ts';
import { gunzipApart, gunzipInPlace } from './gunzip-zlib.ts';
import type { Decompressor, OnData } from './streamed.ts';

/**
 * Unpacks gzip: with ISA-L, where that is installed and `GOCKER_DISABLE_ISAL` is not set, or else with zlib. `isApart` says
 * whether to do it in another thread; zlib asks once.
 */
export function createGunzip(onData: OnData, isApart = () => false): Decompressor {
  const inflater = wantedInflater();
  if (inflater !== undefined) return gunzipWith(inflater, onData, isApart);
  return isApart() ? gunzipApart(onData) : gunzipInPlace(onData);
}

/** What `createGunzip` takes. */
export function gunzipLibrary(): 'ISA-L' | 'zlib' {
  return wantedInflater() === undefined ? 'zlib' : 'ISA-L';
}

function wantedInflater(): Inflater | undefined {
  return process.env.GOCKER_DISABLE_ISAL ? undefined : openInflater();
}
