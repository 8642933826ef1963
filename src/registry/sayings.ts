/** What a registry's answer means to a person. */

import { printable } from '../image/printable.ts';
import { explainPush } from './push/sayings.ts';
import { readRateLimit, retryAfterOf } from './rate-limit.ts';
import type { Asked } from './refusal.ts';
import { type Answered, nowhere, type RegistryErrors, type Saying, said } from './saying.ts';

export function explain(answered: Answered, asked: Asked): Saying {
  const { status } = answered;
  if (asked.push && asked.what !== 'token' && answered.url.origin === asked.endpoint.base) {
    const saying = explainPush(answered, asked);
    if (saying !== undefined) return saying;
  }
  // A storage or cache host that a redirect led to knows nothing of repositories and logins.
  const elsewhere = asked.what !== 'token' && answered.url.origin !== asked.endpoint.base;
  if (status === 401 || status === 403) return elsewhere ? strange(answered, asked) : denied(answered, asked);
  if (status === 404 && asked.repository !== '' && asked.what !== 'token') return missing(answered, asked);
  if (status === 429) return limited(answered, asked);
  return strange(answered, asked);
}

export function notARegistry(asked: Asked, title: string | undefined): Saying {
  const page = title === undefined ? 'a web page' : `the web page "${title}"`;
  return {
    code: 'NOT_A_REGISTRY',
    message: `${asked.endpoint.base} answered with ${page} instead of ${subject(asked)}`,
    hint: 'this is no registry, or a proxy or login page of the network stands before it',
  };
}

/** What was asked for, in words: `the manifest of a/b:1`, `blob sha256:... of a/b`, `the token for a/b`, `the login`. */
function subject({ what, repository }: Asked): string {
  const name = /^manifest (.+)$/.exec(what)?.[1];
  if (name !== undefined) return `the manifest of ${repository}${name.includes(':') ? '@' : ':'}${name}`;
  if (repository === '') return `the ${what}`;
  return what === 'token' ? `the token for ${repository}` : `${what} of ${repository}`;
}

function denied({ status, errors }: Answered, asked: Asked): Saying {
  const { endpoint, repository, credential } = asked;
  const { account } = endpoint;
  const code = status === 401 ? 'UNAUTHORIZED' : 'DENIED';
  const user = credential && printable(credential.username, 60);
  const thing = asked.what.startsWith('blob') ? subject(asked) : repository;
  if (repository === '') {
    const message = `${account} refused the login of ${user ?? 'nobody'}${said(errors)}`;
    return { code, message, hint: 'check the user name, and the password or access token' };
  }
  if (credential !== undefined) {
    return {
      code,
      message: `${account} refused ${thing} to ${user}${said(errors)}`,
      hint: `the login came from ${credential.source}; check that it may read ${repository} and that this exists, or log in anew: gocker login ${account}`,
    };
  }
  const message =
    account === 'docker.io'
      ? `${repository} does not exist on docker.io or needs a login`
      : `${account} refused ${thing} to a reader without login${said(errors)}`;
  const hint = `check the spelling; when it is private, log in: gocker login ${account}${nowhere(asked)}`;
  return { code, message, hint };
}

function missing({ errors }: Answered, asked: Asked): Saying {
  const { endpoint, repository, what } = asked;
  const where = `${endpoint.account}/${repository}`;
  if (what.startsWith('blob')) {
    const hint = 'the image is not complete there; push it again, or ask whoever runs the registry';
    return {
      code: 'BLOB_NOT_FOUND',
      message: `${endpoint.base} does not have ${what} of ${repository}`,
      hint,
    };
  }
  const name = what.replace(/^manifest /, '');
  if (errors.some((error) => error.code === 'NAME_UNKNOWN')) {
    return {
      code: 'IMAGE_NOT_FOUND',
      message: `there is no ${where}`,
      hint: 'check the spelling of the name',
    };
  }
  if (errors.some((error) => error.code === 'MANIFEST_UNKNOWN')) {
    // distribution's own registry says so of unknown names too.
    const hint = 'check the spelling of the name and of the tag or digest';
    const kind = name.includes(':') ? 'manifest' : 'tag';
    return { code: 'IMAGE_NOT_FOUND', message: `${where} has no ${kind} ${name}`, hint };
  }
  return {
    code: 'IMAGE_NOT_FOUND',
    message: `${endpoint.base} does not have ${subject(asked)}`,
    hint: 'check the spelling of registry, name and tag',
  };
}

function limited({ headers }: Answered, { endpoint, credential }: Asked): Saying {
  const quota = readRateLimit(headers);
  const whose =
    credential === undefined
      ? 'without login'
      : `as ${printable(credential.username, 60)} (${credential.source})`;
  const counted = [
    quota?.limit !== undefined && `${quota.limit} requests${within(quota.window)} are allowed`,
    quota?.remaining !== undefined && `${quota.remaining} are left`,
    quota?.source !== undefined && `counted for ${quota.source}`,
    `asked ${whose}`,
  ].filter((part) => part !== false);
  const after = retryAfterOf(headers);
  const sensible = after !== undefined && after < 1_000_000_000;
  const wait = sensible ? `try again in ${duration(Math.ceil(after / 1000))}` : 'try again later';
  const login = credential === undefined ? `, or log in: gocker login ${endpoint.account}` : '';
  return {
    code: 'RATE_LIMITED',
    message: `${endpoint.account} allows no more requests for now: ${counted.join(', ')}`,
    hint: `${wait}${login}; a mirror spares the quota (GOCKER_MIRRORS)`,
  };
}

function within(seconds: number | undefined): string {
  return seconds === undefined ? '' : ` in ${duration(seconds)}`;
}

/** `90 seconds`, `6 hours`: the largest unit that fits without a rest. */
function duration(seconds: number): string {
  const units: [number, string][] = [
    [3600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ];
  const [size, name] = units.find(([unit]) => seconds >= unit && seconds % unit === 0) ?? [1, 'second'];
  const count = seconds / size;
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}

function strange({ status, errors, url }: Answered, asked: Asked): Saying {
  const code = status >= 500 ? 'REGISTRY_UNAVAILABLE' : 'UNEXPECTED_ANSWER';
  const message = `${url.host} answered HTTP ${status} for ${subject(asked)}${said(errors)}`;
  return { code, message, hint: hintFor(status, errors) };
}

function hintFor(status: number, errors: RegistryErrors): string {
  if (errors.some((error) => error.code === 'NAME_INVALID')) return 'check the spelling of the name';
  if (status === 451) return 'it may not be given out there; another registry may have it';
  if (status === 408 || status >= 500) return 'try again later, or ask whoever runs the server';
  return 'ask whoever runs the server, and check that it is a registry';
}
