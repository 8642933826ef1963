/** A Debian root file system as a layout of three layers, made once and kept in the cache. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { arch } from 'node:os';
import { dirname, join } from 'node:path';
import { archive } from '../../../scripts/image/busybox.js';
import { addImage, tag } from '../../../scripts/image/layout.js';
import { layoutOnce } from '../../../scripts/image/once.js';

/** Goes up when what is made below changes. */
const VERSION = 1;

function put(root: string, name: string, text = ''): string {
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

/** What base images rarely have and unpackers get wrong. */
function oddities(root: string): void {
  const tool = put(root, 'opt/odd/capable');
  copyFileSync('/bin/true', tool);
  execFileSync('setcap', ['cap_net_bind_service+ep', tool]);
  chmodSync(put(root, 'opt/odd/setuid-setgid'), 0o6755);
  chmodSync(put(root, 'opt/odd/unreadable'), 0o000);
  linkSync(put(root, 'opt/odd/first', 'one file\n'), join(root, 'opt/odd/second'));
  symlinkSync('/opt/odd/first', join(root, 'opt/odd/absolute'));
  symlinkSync('../../../../../../etc/hostname', join(root, 'opt/odd/escaping'));
  execFileSync('mkfifo', ['-m', '640', join(root, 'opt/odd/fifo')]);
  execFileSync('chown', ['-h', '1234:5678', join(root, 'opt/odd/absolute'), join(root, 'opt/odd/fifo')]);
  put(root, `opt/odd/${'long-name-'.repeat(20)}`, 'longer than a ustar header holds\n');
  put(root, 'opt/odd/grüße', 'not ASCII\n');
  put(root, 'opt/kept/a');
  put(root, 'opt/kept/b');
}

/** Takes back a file, a directory and the content of a directory of the layers below. */
function removals(root: string): void {
  put(root, 'etc/.wh.debian_version');
  put(root, 'usr/share/.wh.doc');
  put(root, 'opt/kept/.wh..wh..opq');
  put(root, 'opt/kept/c', 'the only one left\n');
}

function layer(directory: string, name: string, fill: (root: string) => void): string {
  const root = join(directory, name);
  mkdirSync(root);
  fill(root);
  const attributes = ['--xattrs', '--xattrs-include=security.capability'];
  return archive(root, join(directory, `${name}.tar`), attributes);
}

function codename(): string {
  return /VERSION_CODENAME=(\w+)/.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
}

function make(directory: string): void {
  const base = join(directory, 'base.tar');
  execFileSync('mmdebstrap', ['--quiet', '--variant=minbase', codename(), base], { stdio: 'pipe' });
  const layers = [base, layer(directory, 'odd', oddities), layer(directory, 'removed', removals)];
  const platform = { os: 'linux', architecture: arch() === 'x64' ? 'amd64' : arch() };
  const config = { Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], Cmd: ['bash'] };
  tag(join(directory, 'layout'), 'debian', addImage(join(directory, 'layout'), { layers, platform, config }));
}

/** The layout's directory, for `skopeo copy oci:DIRECTORY:debian`. */
export function debianLayout(cache: string): string {
  return layoutOnce(cache, `debian-${codename()}-${VERSION}`, make);
}
