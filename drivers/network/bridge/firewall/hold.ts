/**
 * A socket is bound to each published port for as long as the process lives that looks after the container, so that no
 * other program takes the port believing it free, and so that the kernel says when one has it already. Nothing is ever
 * received by it: the packets are on their way to the container before. Without such a process - one that was killed -
 * the port stays published and is just not held.
 */
import { isIPv6 } from 'node:net';
import { type DriverHost, type PublishedPort, parseAddress } from '../../../../src/driver/index.ts';
import { hasCode } from '../../../../src/errors.ts';
import type { Which } from './records.ts';

/** sys/socket.h, netinet/in.h. */
const AF = { INET: 2, INET6: 10 } as const;
const SOCK = { STREAM: 1, DGRAM: 2, CLOEXEC: 0o2000000 } as const;
const IPPROTO = { tcp: 6, udp: 17, sctp: 132, IPV6: 41 } as const;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPV6_V6ONLY = 26;

/** By whoever they are held for. */
const held = new Map<string, { which: Which; fds: number[] }>();

/**
 * An fd that holds the port; undefined for a protocol that this kernel has no sockets of. Throws EADDRINUSE when another
 * program has it, EADDRNOTAVAIL when the host has no such address.
 */
export function bindPort(host: DriverHost, port: PublishedPort): number | undefined {
  try {
    return open(host, port, { reuse: false });
  } catch (error) {
    if (hasCode(error, 'EPROTONOSUPPORT', 'EAFNOSUPPORT', 'ESOCKTNOSUPPORT')) return undefined;
    if (!hasCode(error, 'EADDRINUSE') || port.protocol === 'udp') throw error;
    // Connections that are over, but not for the kernel yet, are no reason; a program that listens still is.
    return open(host, port, { reuse: true });
  }
}

/** Keeps fds for one container on one network until `release`. */
export function hold(which: Which, fds: number[]): void {
  held.set(keyOf(which), { which, fds });
}

/** Nothing when this process holds nothing for it. */
export function release(host: DriverHost, which: Which): void {
  for (const fd of held.get(keyOf(which))?.fds ?? []) host.syscalls.close(fd);
  held.delete(keyOf(which));
}

/** Whom this process holds something for. */
export function owners(): Which[] {
  return [...held.values()].map(({ which }) => which);
}

function keyOf({ containerId, networkId }: Which): string {
  return `${containerId}.${networkId}`;
}

function open({ syscalls }: DriverHost, port: PublishedPort, { reuse }: { reuse: boolean }): number {
  const isLong = isIPv6(port.hostIp);
  const kind = port.protocol === 'udp' ? SOCK.DGRAM : SOCK.STREAM;
  const fd = syscalls.socket(isLong ? AF.INET6 : AF.INET, kind | SOCK.CLOEXEC, IPPROTO[port.protocol]);
  try {
    if (isLong) syscalls.setsockopt(fd, IPPROTO.IPV6, IPV6_V6ONLY, one());
    if (reuse) syscalls.setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, one());
    syscalls.bind(fd, isLong ? longAddress(port) : shortAddress(port));
    return fd;
  } catch (error) {
    syscalls.close(fd);
    throw error;
  }
}

/** `struct sockaddr_in` (ip(7)). */
function shortAddress({ hostIp, hostPort }: PublishedPort): Buffer {
  const address = Buffer.alloc(16);
  address.writeUInt16LE(AF.INET, 0);
  address.writeUInt16BE(hostPort, 2);
  parseAddress(hostIp).copy(address, 4);
  return address;
}

/** `struct sockaddr_in6` (ipv6(7)). */
function longAddress({ hostIp, hostPort }: PublishedPort): Buffer {
  const address = Buffer.alloc(28);
  address.writeUInt16LE(AF.INET6, 0);
  address.writeUInt16BE(hostPort, 2);
  parseAddress(hostIp).copy(address, 8);
  return address;
}

function one(): Buffer {
  const value = Buffer.alloc(4);
  value.writeInt32LE(1);
  return value;
}
