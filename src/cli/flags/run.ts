/** The flags of `run` and `create`: how a container is made from an image. */
import { availableParallelism } from 'node:os';
import type { Interfaces } from '@oclif/core';
import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import type { RunOptions } from '../../engine.ts';
import { ownSize } from '../attend.ts';
import { readEnvFlags } from '../env-file.ts';
import { processFlags, text, texts } from '../flags.ts';
import { parseLimits } from '../limits.ts';
import { pullObserver } from '../origins.ts';
import { streamsFlag } from './attach.ts';
import { containerFlags } from './container.ts';
import { lifeFlags, readLifeFlags } from './life.ts';
import { parseMount } from './mount.ts';
import { networkFlags, readNetworkFlags } from './networks.ts';
import { readContainerFlags } from './read.ts';
import { parseVolume } from './volume.ts';

export const runArgs = {
  image: string({ required: true, ignoreStdin: true, description: 'image to run' }),
  command: string({ multiple: true, ignoreStdin: true, description: 'program and arguments' }),
};

export const runFlags = {
  ...processFlags,
  ...streamsFlag,
  ...lifeFlags,
  ...containerFlags,
  ...networkFlags,
  cpus: text({ description: 'CPU time in CPUs, as in 0.5', helpValue: 'N', helpGroup: 'LIMITS' }),
  mem: text({ description: 'memory limit; a bare number is MiB', helpValue: 'SIZE', helpGroup: 'LIMITS' }),
  memory: text({
    char: 'm',
    description: "docker's memory limit; a bare number is bytes",
    helpValue: 'SIZE',
    helpGroup: 'LIMITS',
  }),
  swap: text({
    description: 'swap on top of the memory limit; a bare number is MiB',
    helpValue: 'SIZE',
    helpGroup: 'LIMITS',
  }),
  'memory-swap': text({
    description: 'memory and swap together, -1 for no limit on swap; a bare number is bytes',
    helpValue: 'SIZE',
    helpGroup: 'LIMITS',
  }),
  pids: text({
    aliases: ['pids-limit'],
    description: 'how many processes and threads, -1 for no limit',
    helpValue: 'N',
    helpGroup: 'LIMITS',
  }),
  name: text({ description: 'name of the container' }),
  hostname: text({ char: 'h', description: 'host name in the container' }),
  entrypoint: text({ description: "program instead of the image's", helpValue: 'PROGRAM' }),
  volume: texts({
    char: 'v',
    description: 'mount a volume or a host directory; DIR alone is a new volume',
    helpValue: '[SRC:]DIR[:ro]',
    helpGroup: 'MOUNTS',
  }),
  mount: texts({
    description: 'the same in words: type=bind|volume|tmpfs|image,src=SRC,dst=DIR,readonly',
    helpValue: 'MOUNT',
    helpGroup: 'MOUNTS',
  }),
  'volumes-from': texts({
    description: "mount another container's volumes and directories too",
    helpValue: 'CONTAINER[:ro]',
    helpGroup: 'MOUNTS',
  }),
  platform: text({ description: 'which of a multi-platform image', helpValue: 'OS/ARCH[/VARIANT]' }),
  pull: text({
    description: 'when to pull the image',
    options: ['missing', 'always', 'never'],
    default: 'missing',
  }),
  quiet: boolean({ char: 'q', description: 'do not show how the pull goes' }),
  rm: boolean({ description: 'remove the container when its program ends' }),
};

type RunValues = Interfaces.InferredFlags<typeof runFlags>;

/** The container that the command line describes. Throws UsageErrors that name the flag. */
export function readRunFlags(
  args: { image: string; command?: string[] | undefined },
  flags: RunValues,
): RunOptions {
  const size = flags.tty ? ownSize() : undefined;
  return {
    image: args.image,
    command: args.command ?? [],
    env: readEnvFlags(flags, process.env),
    ...readContainerFlags(flags, parseLimits(flags, availableParallelism())),
    mounts: [
      ...(flags.volume ?? []).map((volume) => parseVolume(volume, process.cwd())),
      ...(flags.mount ?? []).map((mount) => parseMount(mount, process.cwd())),
    ],
    volumesFrom: flags['volumes-from'] ?? [],
    ...readNetworkFlags(flags),
    pull: flags.pull as NonNullable<RunOptions['pull']>,
    remove: flags.rm,
    ...readLifeFlags(flags),
    terminal: flags.tty,
    stdin: flags.interactive,
    ...(flags.name === undefined ? {} : { name: flags.name }),
    ...(flags.hostname === undefined ? {} : { hostname: flags.hostname }),
    ...(flags.entrypoint === undefined ? {} : { entrypoint: flags.entrypoint }),
    ...(flags.workdir === undefined ? {} : { workdir: flags.workdir }),
    ...(flags.user === undefined ? {} : { user: flags.user }),
    ...(flags.platform === undefined ? {} : { platform: flags.platform }),
    ...(size === undefined ? {} : { size }),
    observer: pullObserver({ quiet: flags.quiet }),
  };
}
