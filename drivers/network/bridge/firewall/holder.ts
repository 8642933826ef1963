/** Who has a port of the host: /proc/net/tcp and its like tell the socket, /proc/PID/fd whose it is (proc(5)). */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { type PublishedPort, parseAddress } from '../../../../src/driver/index.ts';

interface Holder {
  pid: number;
  name: string;
}

interface Socket {
  address: Buffer;
  port: number;
  isListening: boolean;
  inode: string;
}

const LISTEN = '0A';

/** The process that has the port; undefined when it is not to be seen, as one in another PID namespace. */
export function findHolder(port: PublishedPort): Holder | undefined {
  for (const { inode } of socketsOn(port)) {
    const pid = processes().find((one) => descriptors(one).includes(`socket:[${inode}]`));
    if (pid !== undefined)
      return { pid: Number(pid), name: quietly('', () => readFileSync(`/proc/${pid}/comm`, 'utf8')).trim() };
  }
  return undefined;
}

/** Those that listen first. A socket for all IPv6 addresses may have the IPv4 ones too. */
function socketsOn(port: PublishedPort): Socket[] {
  const long = table(`${port.protocol}6`);
  const all = isIPv6(port.hostIp) ? long : [...table(port.protocol), ...long];
  return all
    .filter((socket) => socket.port === port.hostPort && overlaps(socket.address, parseAddress(port.hostIp)))
    .sort((one, other) => Number(other.isListening) - Number(one.isListening));
}

function overlaps(one: Buffer, other: Buffer): boolean {
  return isZero(one) || isZero(other) || one.subarray(-other.length).equals(other);
}

function isZero(address: Buffer): boolean {
  return address.every((byte) => byte === 0);
}

function table(name: string): Socket[] {
  const text = quietly('', () => readFileSync(`/proc/net/${name}`, 'utf8'));
  return text.trim().split('\n').slice(1).map(parseLine);
}

/** `0: 0100007F:1F90 00000000:0000 0A ...`, the inode in the tenth column; addresses as words of the machine's order. */
function parseLine(line: string): Socket {
  const columns = line.trim().split(/\s+/);
  const [address = '', port = ''] = (columns[1] ?? '').split(':');
  return {
    address: Buffer.from(address, 'hex').swap32(),
    port: Number.parseInt(port, 16),
    isListening: columns[3] === LISTEN,
    inode: columns[9] ?? '',
  };
}

function processes(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

function descriptors(pid: string): string[] {
  const names = quietly([], () => readdirSync(`/proc/${pid}/fd`));
  return names.map((name) => quietly('', () => readlinkSync(`/proc/${pid}/fd/${name}`)));
}

/** A process may end while it is looked at. */
function quietly<T>(otherwise: T, look: () => T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
