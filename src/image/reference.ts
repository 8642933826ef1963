import { GockerError } from '../errors.ts';
import type { Digest } from './digest.ts';
import { parseDigest } from './digest.ts';
import { quoted } from './printable.ts';

/**
 * What the user typed, taken apart and completed with docker's defaults
 * (distribution/reference grammar: `[domain[:port]/]path[:tag][@digest]`).
 */
export interface Reference {
  /** Registry host with port, `docker.io` for Docker Hub. */
  domain: string;
  /** Path within the registry, `library/` added for Docker Hub's one-part names. */
  path: string;
  /** `latest` when neither tag nor digest was given; absent when a digest was, which then says it all. */
  tag?: string;
  digest?: Digest;
  /** `http` or `https` when the user typed the scheme (`http://HOST/NAME`). */
  scheme?: 'http' | 'https';
}

const HUB = 'docker.io';
const OFFICIAL = 'library/';
const MAX_PATH = 255;
const MAX_TAG = 128;
/** Longer than any text the grammar's limits allow; keeps the patterns away from megabytes. */
const MAX_TEXT = 1024;

const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = new RegExp(`^(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const PATH = new RegExp(`^${PART}(?:/${PART})*$`);
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;
const IMAGE_ID = /^[a-f0-9]{64}$/;
const SCHEME = /^(https?):\/\//;

/**
 * A reference from what the user typed: docker's short names, `HOST[:PORT]/NAME`, `NAME:TAG`, `NAME@sha256:...`, and
 * `http(s)://HOST/NAME`. Of `NAME:TAG@DIGEST` the digest is kept. Throws INVALID_REFERENCE or INVALID_DIGEST.
 * Rules: distribution/reference, its grammar and `ParseDockerRef`.
 */
export function parseReference(text: string): Reference {
  if (text.length > MAX_TEXT)
    throw invalid(text, 'it is too long', `a name has at most ${MAX_PATH} characters`);
  if (IMAGE_ID.test(text)) {
    throw invalid(
      text,
      'it is an image ID',
      `64 hex digits are no name; for a digest write NAME@sha256:${text}`,
    );
  }
  const scheme = SCHEME.exec(text)?.[1] as Reference['scheme'];
  const rest = scheme === undefined ? text : text.slice(scheme.length + 3);
  const { domain, remainder } = splitDomain(rest, scheme);
  const { path, tag, digest } = splitTail(text, remainder);
  const full = domain === HUB && !path.includes('/') ? OFFICIAL + path : path;
  checkDomain(text, domain);
  checkPath(text, full);
  if (tag !== undefined) checkTag(text, tag);
  if (scheme === 'http' && domain === HUB) {
    throw invalid(text, `${HUB} is not served over plain http`, 'leave http:// away');
  }
  const known: Reference = { domain, path: full, ...(scheme && { scheme }) };
  if (digest !== undefined) return { ...known, digest: parseDigest(digest) };
  return { ...known, tag: tag ?? 'latest' };
}

/** `docker.io/library/alpine:latest`, `HOST/NAME@sha256:...`: one spelling per image; `parseReference` reads it back. */
export function formatReference(reference: Reference): string {
  return repositoryOf(reference) + tail(reference);
}

/** As docker shows it: `alpine:latest`, `user/app:1`, `HOST/NAME:TAG`. */
export function familiarName(reference: Reference): string {
  return familiarRepository(reference) + tail(reference);
}

/** The name without tag and digest, as docker shows it: `alpine`, `HOST/NAME`. */
export function familiarRepository({ domain, path }: Reference): string {
  if (domain !== HUB) return `${domain}/${path}`;
  const short = path.startsWith(OFFICIAL) ? path.slice(OFFICIAL.length) : path;
  return short.includes('/') ? path : short;
}

/** The name without tag and digest: `docker.io/library/alpine`. */
export function repositoryOf({ domain, path }: Reference): string {
  return `${domain}/${path}`;
}

function tail({ tag, digest }: Reference): string {
  return digest === undefined ? `:${tag ?? 'latest'}` : `@${digest}`;
}

/** The first part is a registry when it could not be part of a Docker Hub name, or when a scheme says so. */
function splitDomain(text: string, scheme: Reference['scheme']): { domain: string; remainder: string } {
  const slash = text.indexOf('/');
  const first = slash === -1 ? '' : text.slice(0, slash);
  const known = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  if (first === '' || (!known && scheme === undefined)) return { domain: HUB, remainder: text };
  const remainder = text.slice(slash + 1);
  if (first === 'index.docker.io') return { domain: HUB, remainder };
  if (known) return { domain: first, remainder };
  // Only the scheme made it a registry; the port keeps it one in the canonical spelling.
  return { domain: `${first}:${scheme === 'http' ? 80 : 443}`, remainder };
}

function splitTail(text: string, remainder: string): { path: string; tag?: string; digest?: string } {
  const at = remainder.indexOf('@');
  const digest = at === -1 ? undefined : remainder.slice(at + 1);
  const name = at === -1 ? remainder : remainder.slice(0, at);
  const colon = name.indexOf(':');
  const path = colon === -1 ? name : name.slice(0, colon);
  if (path === '') throw invalid(text, 'the name is missing', 'write NAME, NAME:TAG or HOST/NAME:TAG');
  const tag = colon === -1 ? undefined : name.slice(colon + 1);
  return { path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

function checkDomain(text: string, domain: string): void {
  if (DOMAIN.test(domain) && URL.canParse(`https://${domain}`)) return;
  throw invalid(text, `${quoted(domain)} is no registry host`, 'write HOST/NAME or HOST:PORT/NAME');
}

function checkPath(text: string, path: string): void {
  if (path.length > MAX_PATH) {
    throw invalid(
      text,
      `its name has ${path.length} characters`,
      `a name has at most ${MAX_PATH} characters`,
    );
  }
  if (PATH.test(path)) return;
  if (PATH.test(path.toLowerCase())) {
    throw invalid(text, 'names are lower case', `did you mean ${text.toLowerCase()}`);
  }
  throw invalid(
    text,
    'the name has characters or parts that are not allowed',
    'a name is made of a-z and 0-9, parted by single . or _, by __, by -, and by / between parts',
  );
}

function checkTag(text: string, tag: string): void {
  if (TAG.test(tag) && tag.length <= MAX_TAG) return;
  throw invalid(
    text,
    `${quoted(tag, 40)} is no tag`,
    `a tag has 1 to ${MAX_TAG} of the characters A-Z a-z 0-9 _ . - and starts with none of . and -`,
  );
}

function invalid(text: string, why: string, hint: string): GockerError {
  return new GockerError('INVALID_REFERENCE', `invalid image reference ${quoted(text)}: ${why}`, { hint });
}
