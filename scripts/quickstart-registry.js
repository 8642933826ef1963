// A registry on loopback with one image, `library/alpine`, made of a static busybox:
// `node scripts/quickstart-registry.js BUSYBOX DIRECTORY` prints its address and serves until it is killed. It speaks
// the read half of the distribution specification ("Pull"), which is all that a mirror needs.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { arch } from 'node:os';
import { join } from 'node:path';
import { busyboxLayer } from './image/busybox.js';
import { addImage, addIndex, tag } from './image/layout.js';

const [busybox, directory] = process.argv.slice(2);
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };

/** @returns the descriptor of the index that `alpine:latest` names */
function makeImage(layout) {
  const work = join(directory, 'work');
  mkdirSync(work, { recursive: true });
  const platform = { os: 'linux', architecture: ARCHITECTURES[arch()] ?? arch() };
  const config = {
    Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    Cmd: ['/bin/sh'],
  };
  const index = addIndex(layout, [
    addImage(layout, { layers: [busyboxLayer(busybox, work)], platform, config }),
  ]);
  tag(layout, 'alpine', index);
  return index;
}

/** The blob that a request for `reference`, a digest or `latest`, means. */
function find(layout, reference, latest) {
  const digest = reference === 'latest' ? latest.digest : reference;
  const file = join(layout, 'blobs', digest.replace(':', '/'));
  return /^sha256:[0-9a-f]{64}$/.test(digest) && existsSync(file)
    ? { digest, bytes: readFileSync(file) }
    : undefined;
}

function mediaType(kind, bytes) {
  return kind === 'manifests' ? JSON.parse(bytes.toString()).mediaType : 'application/octet-stream';
}

function answer(layout, latest, request, response) {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/v2/') return response.end('{}');
  if (pathname === '/v2/library/alpine/tags/list')
    return response.end('{"name":"library/alpine","tags":["latest"]}');
  const [, kind, reference] = /^\/v2\/library\/alpine\/(manifests|blobs)\/([^/]+)$/.exec(pathname) ?? [];
  const found = kind && find(layout, reference, latest);
  if (!found) {
    response.writeHead(404, { 'content-type': 'application/json' });
    return response.end('{"errors":[{"code":"NAME_UNKNOWN","message":"only library/alpine is here"}]}');
  }
  response.writeHead(200, {
    'content-type': mediaType(kind, found.bytes),
    'content-length': found.bytes.length,
    'docker-content-digest': found.digest,
  });
  return response.end(request.method === 'HEAD' ? undefined : found.bytes);
}

const layout = join(directory, 'layout');
const latest = makeImage(layout);
const server = createServer((request, response) => answer(layout, latest, request, response));
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
