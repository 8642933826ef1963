/**
 * Ports that a living process holds for a container although they are published no more: another process has taken them
 * back, as `network disconnect` does, and nobody can close a socket of another one. They are free for whoever wants them.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { DriverHost, PublishedPort } from '../../../../src/driver/index.ts';
import { replace } from '../../../replace.ts';
import { isAlive, thisProcess } from '../../addresses/maker.ts';
import { owners, release } from './hold.ts';
import { folderOf, isPublished, type Publication, readIntact, unlessMissing } from './records.ts';

const fileOf = (host: DriverHost, holder: string) => join(folderOf(host), `held-${holder}.json`);

/** To be called when what a process published is taken back, by whomever. */
export function noteLeftover(host: DriverHost, { holder, ports }: Publication): void {
  if (holder === thisProcess() || !isAlive(holder)) return;
  replace(fileOf(host, holder), JSON.stringify([...read(host, holder), ...ports]));
}

/** Whether exactly that port is held so, and hence by nobody else. */
export function isLeftover(host: DriverHost, port: PublishedPort): boolean {
  return holders(host).some((holder) =>
    read(host, holder).some(
      ({ hostIp, hostPort, protocol }) =>
        hostIp === port.hostIp && hostPort === port.hostPort && protocol === port.protocol,
    ),
  );
}

/** Closes what this process holds so, and forgets what others did that are dead. */
export function releaseLeftover(host: DriverHost): void {
  for (const which of owners()) if (!isPublished(host, which)) release(host, which);
  for (const holder of holders(host))
    if (holder === thisProcess() || !isAlive(holder)) rmSync(fileOf(host, holder), { force: true });
}

function holders(host: DriverHost): string[] {
  return unlessMissing([], () => readdirSync(folderOf(host))).flatMap(
    (name) => /^held-(.*)\.json$/.exec(name)?.[1] ?? [],
  );
}

function read(host: DriverHost, holder: string): PublishedPort[] {
  return readIntact(fileOf(host, holder)) ?? [];
}
