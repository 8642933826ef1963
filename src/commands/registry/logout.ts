import { string } from '@oclif/core/args';
import { GockerCommand } from '../../cli/command.ts';

export default class Logout extends GockerCommand {
  static override summary = 'Forget the login of a registry';
  static override usage = 'logout [REGISTRY]';
  static override examples = [
    '<%= config.bin %> logout',
    '<%= config.bin %> logout registry.example.com:5000',
  ];
  static override args = {
    registry: string({ ignoreStdin: true, description: 'HOST[:PORT]; Docker Hub unless said' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Logout);
    const engine = await this.engine(flags);
    const { registry, found, remaining } = await engine.logout(args.registry);
    this.print(found ? `Removed the login of ${registry}\n` : `Not logged in to ${registry}\n`);
    if (remaining !== undefined) this.note(`${remaining} still has a login for ${registry}`);
  }
}
