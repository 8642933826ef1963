import type { IncomingHttpHeaders } from 'node:http';
import { printable } from '../image/printable.ts';
import type { Asked } from './refusal.ts';

/** The errors of its answer's document (OCI distribution spec, "Error Codes"). */
export type RegistryErrors = { code: string; message: string }[];

/** An answer in words. */
export interface Saying {
  code: string;
  message: string;
  hint?: string | undefined;
}

/** What a registry answered instead of what was wanted. */
export interface Answered {
  status: number;
  errors: RegistryErrors;
  url: URL;
  headers: IncomingHttpHeaders;
}

/** What the registry itself says, to be appended. */
export function said(errors: RegistryErrors): string {
  const text = errors[0]?.message || errors[0]?.code;
  return text ? `: ${printable(text)}` : '';
}

/** The files that have no login for the registry, to be appended. */
export function nowhere({ searched }: Asked): string {
  return searched ? ` (no login for it is in ${searched.join(', ')})` : '';
}
