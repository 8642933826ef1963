import { string } from '@oclif/core/args';
import { boolean } from '@oclif/core/flags';
import { GockerCommand } from '../../cli/command.ts';
import { text } from '../../cli/flags.ts';
import { promptFor, readSecretInput } from '../../cli/prompt.ts';
import { UsageError } from '../../errors.ts';

export default class Login extends GockerCommand {
  static override summary = 'Log in to a registry';
  static override usage = 'login [OPTIONS] [REGISTRY]';
  static override examples = [
    '<%= config.bin %> login',
    'echo "$TOKEN" | <%= config.bin %> login -u me --password-stdin registry.example.com:5000',
  ];
  static override args = {
    registry: string({ ignoreStdin: true, description: 'HOST[:PORT]; Docker Hub unless said' }),
  };
  static override flags = {
    username: text({ char: 'u', description: 'user name', helpValue: 'USER' }),
    password: text({ char: 'p', description: 'password; others can see it there', helpValue: 'PASSWORD' }),
    'password-stdin': boolean({ description: 'read the password from standard input' }),
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Login);
    if (flags.password !== undefined) this.hide();
    const { username, password } = await credentialsFrom(flags);
    const engine = await this.engine(flags);
    const { registry, path, helper, unasked } = await engine.login({
      registry: args.registry,
      username,
      password,
    });
    if (unasked) this.note(`${registry} let us in without asking for the login`);
    if (helper === undefined)
      this.note(`the login is in ${path}, not encrypted; a helper (credsStore) would keep it better`);
    this.print('Login Succeeded\n');
  }

  /** Others read command lines in /proc; the title takes the place of this one. */
  private hide(): void {
    process.title = 'gocker login';
    this.note('WARNING: a password on the command line can be seen by others; use --password-stdin');
  }
}

interface Given {
  username?: string | undefined;
  password?: string | undefined;
  'password-stdin': boolean;
}

async function credentialsFrom(given: Given): Promise<{ username: string; password: string }> {
  if (given['password-stdin']) {
    if (given.password !== undefined)
      throw new UsageError('USAGE', '--password and --password-stdin exclude each other');
    if (given.username === undefined) throw new UsageError('USAGE', '--password-stdin needs --username');
    return { username: given.username, password: await readSecretInput() };
  }
  const username = given.username ?? (await promptFor('Username: ', { insteadGive: '--username' }));
  const ask = () => promptFor('Password: ', { hidden: true, insteadGive: '--password-stdin' });
  return { username, password: given.password ?? (await ask()) };
}
