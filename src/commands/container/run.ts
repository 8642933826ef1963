import { availableParallelism } from 'node:os';
import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { attendance, ownSize, ownStreams } from '../../cli/attend.ts';
import { GockerCommand } from '../../cli/command.ts';
import { readEnvFlags } from '../../cli/env-file.ts';
import { containerFlags } from '../../cli/flags/container.ts';
import { readContainerFlags } from '../../cli/flags/read.ts';
import { processFlags, text, texts } from '../../cli/flags.ts';
import { parseLimits } from '../../cli/limits.ts';
import { pullObserver } from '../../cli/origins.ts';
import { parseVolume } from '../../cli/volume.ts';
import type { RunOptions } from '../../engine.ts';
import { EXIT } from '../../errors.ts';

export default class Run extends GockerCommand {
  static override summary = 'Run a program in a new container';
  static override description =
    'Options end at IMAGE: all that follows is the program and its arguments. A missing image is pulled. The exit code is ' +
    "the program's; 125 when gocker fails, 126 when the program cannot be run, 127 when it is not found.";
  static override examples = [
    '<%= config.bin %> run --rm -it alpine sh',
    '<%= config.bin %> run --rm --mem=64m --cpus=0.5 --pids=16 alpine ls -la',
  ];
  static override usage = 'run [OPTIONS] IMAGE [COMMAND] [ARG...]';
  static override passThrough = true;
  static override failureExit = EXIT.ENGINE;
  static override args = {
    image: string({ required: true, ignoreStdin: true, description: 'image to run' }),
    command: string({ multiple: true, ignoreStdin: true, description: 'program and arguments' }),
  };
  static override flags = {
    ...processFlags,
    ...containerFlags,
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
    network: text({ description: 'none or host', default: 'none', aliases: ['net'] }),
    volume: texts({
      char: 'v',
      description: 'make a host directory appear in the container',
      helpValue: 'SRC:DST[:ro]',
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

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Run);
    const connected = { tty: flags.tty, interactive: flags.interactive };
    const streams = ownStreams(connected);
    const attention = attendance(connected);
    const size = flags.tty ? ownSize() : undefined;
    const options: RunOptions = {
      image: args.image,
      command: args.command ?? [],
      env: readEnvFlags(flags, process.env),
      ...readContainerFlags(flags, parseLimits(flags, availableParallelism())),
      binds: (flags.volume ?? []).map((volume) => parseVolume(volume, process.cwd())),
      network: flags.network,
      pull: flags.pull as NonNullable<RunOptions['pull']>,
      remove: flags.rm,
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
    const engine = this.engine(flags);
    try {
      const container = await engine.run({ ...options, onStarting: attention.begin }, streams);
      process.exitCode = (await attention.follow(container, engine.makeRaw)).exitCode;
    } finally {
      attention.end();
    }
  }
}
