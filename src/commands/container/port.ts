import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';
import { containerArg } from '../../cli/container-args.ts';
import { NotFoundError, UsageError } from '../../errors.ts';

export default class Port extends GockerCommand {
  static override summary = 'Show where the ports of a container are published';
  static override usage = 'port CONTAINER [PORT[/PROTOCOL]]';
  static override examples = ['<%= config.bin %> port web 80/tcp'];
  static override args = {
    container: containerArg,
    port: string({ ignoreStdin: true, description: 'only this port of the container' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Port);
    const { NetworkSettings } = await this.engine(flags).inspectContainer(args.container);
    const ports: Record<string, { HostIp: string; HostPort: string }[] | null> = NetworkSettings.Ports;
    const chosen = args.port === undefined ? Object.keys(ports) : [wanted(args.port)];
    for (const port of chosen) {
      for (const { HostIp, HostPort } of published(ports, port, args)) {
        const address = HostIp.includes(':') ? `[${HostIp}]` : HostIp;
        this.print(`${args.port === undefined ? `${port} -> ` : ''}${address}:${HostPort}\n`);
      }
    }
  }
}

function wanted(text: string): string {
  if (/^\d{1,5}(\/(tcp|udp|sctp))?$/.test(text)) return text.includes('/') ? text : `${text}/tcp`;
  throw new UsageError('INVALID_PORT', `invalid port ${JSON.stringify(text)}`, {
    hint: 'as in 80 or 53/udp',
  });
}

function published<T>(
  ports: Record<string, T[] | null>,
  port: string,
  args: { container: string; port?: string | undefined },
): T[] {
  const found = ports[port] ?? [];
  if (found.length > 0 || args.port === undefined) return found;
  throw new NotFoundError('NOT_PUBLISHED', `no public port '${args.port}' published for ${args.container}`);
}
