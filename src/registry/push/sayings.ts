/** What a registry's refusal of a push means to a person. */

import { printable } from '../../image/printable.ts';
import type { Asked } from '../refusal.ts';
import { type Answered, nowhere, type Saying, said } from '../saying.ts';

/** Undefined for what means the same as when reading. */
export function explainPush(answered: Answered, asked: Asked): Saying | undefined {
  const { status } = answered;
  if (status === 401 || status === 403) return denied(answered, asked);
  if (status === 404 && !isForgottenUpload(answered)) return unknown(answered, asked);
  if (status === 405) return readOnly(answered, asked);
  if (status === 413) return tooLarge(answered, asked);
  return undefined;
}

function denied({ status, errors }: Answered, asked: Asked): Saying {
  const { endpoint, repository, credential } = asked;
  const { account } = endpoint;
  const code = status === 401 ? 'UNAUTHORIZED' : 'DENIED';
  const where = `${account}/${repository}`;
  if (credential === undefined) {
    const message = `${account} takes nothing for ${repository} without login${said(errors)}`;
    return { code, message, hint: `log in first: gocker login ${account}${nowhere(asked)}` };
  }
  const user = printable(credential.username, 60);
  const message = `${account} does not let ${user} push to ${repository}${said(errors)}`;
  if (account === 'docker.io' && repository.startsWith('library/')) {
    const own = `${user}/${repository.slice('library/'.length)}`;
    return { code, message, hint: `name the image as one of yours first: gocker tag IMAGE ${own}` };
  }
  return {
    code,
    message,
    hint: `the login came from ${credential.source}; check that it may write to ${where} and that this exists, or log in anew: gocker login ${account}`,
  };
}

function isForgottenUpload({ errors }: Answered): boolean {
  return errors.some(({ code }) => code.startsWith('BLOB_UPLOAD_'));
}

function unknown({ errors }: Answered, { endpoint, repository, what }: Asked): Saying {
  return {
    code: 'REPOSITORY_NOT_FOUND',
    message: `${endpoint.account} has no place for ${what} of ${repository}${said(errors)}`,
    hint: 'check the spelling; some registries want the repository, or the project it is in, to be made there first',
  };
}

function readOnly({ errors }: Answered, { endpoint }: Asked): Saying {
  return {
    code: 'REGISTRY_READ_ONLY',
    message: `${endpoint.account} takes no images${said(errors)}`,
    hint: 'it is read-only, or only a cache of another registry: push to that one',
  };
}

function tooLarge({ url }: Answered, { what }: Asked): Saying {
  return {
    code: 'TOO_LARGE',
    message: `${url.host} finds the ${what} too large for a request (HTTP 413)`,
    hint: 'something before the registry, such as a proxy, limits requests (nginx: client_max_body_size); whoever runs it can raise that',
  };
}
