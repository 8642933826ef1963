// Makes the root file system of a small image from one static busybox.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const DIRECTORIES = ['bin', 'dev', 'etc', 'proc', 'root', 'sbin', 'sys', 'tmp', 'usr/bin', 'usr/sbin', 'var'];

const FILES = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  'etc/os-release': 'ID=busybox\nNAME=BusyBox\n',
};

/** @param {string} root @param {string} busybox */
function applets(root, busybox) {
  const names = execFileSync(busybox, ['--list-full'], { encoding: 'utf8' }).trim().split('\n');
  for (const name of names.filter((one) => one !== 'bin/busybox')) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    symlinkSync('/bin/busybox', join(root, name));
  }
}

/**
 * Writes an archive of a root file system: busybox, a link for each of its programs, and the files a system has.
 * @param {string} busybox the static program
 * @param {string} directory an empty one to work in; the archive is `layer.tar` there
 * @returns {string} the archive's file name
 */
export function busyboxLayer(busybox, directory) {
  const root = join(directory, 'root');
  for (const name of DIRECTORIES) mkdirSync(join(root, name), { recursive: true });
  copyFileSync(busybox, join(root, 'bin/busybox'));
  chmodSync(join(root, 'bin/busybox'), 0o755);
  chmodSync(join(root, 'tmp'), 0o1777);
  chmodSync(join(root, 'root'), 0o700);
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(root, name), text);
  applets(root, busybox);
  return archive(root, join(directory, 'layer.tar'));
}

/**
 * Packs a directory the same way every time.
 * @param {string} root
 * @param {string} file
 * @param {string[]} options more of tar's
 * @returns {string} `file`
 */
export function archive(root, file, options = []) {
  const owner = options.length > 0 ? [] : ['--owner=0', '--group=0'];
  const order = ['--sort=name', '--mtime=@1700000000', '--numeric-owner', '--format=posix'];
  const times = '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime';
  execFileSync('tar', ['-C', root, ...order, times, ...owner, ...options, '-cf', file, '.']);
  return file;
}
