import { Command } from '@oclif/core/command';
import type { Config } from '@oclif/core/config';
import { createEngine, type Engine } from '../engine.ts';
import { globalFlags } from './flags.ts';

interface GlobalValues {
  root: string;
  'run-root': string;
  'storage-driver'?: string | undefined;
}

/** What every command of gocker is built on: the global flags, the engine behind them, and plain output. */
export abstract class GockerCommand extends Command {
  static override baseFlags = globalFlags;
  /** The exit code when the command fails and the error names none. */
  static failureExit = 1;
  /** True when everything after the first positional belongs to a program. */
  static passThrough = false;

  /**
   * oclif looks here whether the command is an old one; none is. Its listener throws out of nowhere what stdout cannot write:
   * src/main/start.ts tells that at the end.
   */
  protected override async init(): Promise<void> {
    process.stdout.removeAllListeners('error').on('error', () => undefined);
  }

  /** Runs the command with what oclif knows of gocker; oclif's own `run` would find that out anew. */
  static async start(
    this: new (
      argv: string[],
      config: Config,
    ) => GockerCommand,
    argv: string[],
    config: Config,
  ): Promise<void> {
    await new this(argv, config)._run();
  }

  /** The engine that the global flags describe. */
  protected engine(flags: GlobalValues): Engine {
    return createEngine({
      root: flags.root,
      runRoot: flags['run-root'],
      ...(flags['storage-driver'] ? { storageDriver: flags['storage-driver'] } : {}),
      packages: [...this.config.plugins.values()].map(({ name, root, pjson }) => ({ name, root, pjson })),
      userAgent: `gocker/${this.config.version}`,
      log: (line) => this.note(line),
    });
  }

  /** Text for stdout, as it is. */
  protected print(text: string): void {
    process.stdout.write(text);
  }

  /** One line for the person at the terminal, on stderr. */
  protected note(line: string): void {
    process.stderr.write(`${line}\n`);
  }
}
