/** Containers on the network of a host's interface, all with its MAC: `-o parent=eth0`. */
import { wordOf } from './options.ts';
import { parentDriver } from './parent/driver.ts';

const MODE = 'ipvlan_mode';
const FLAG = 'ipvlan_flag';

const modeOf = (options: Record<string, string>) => wordOf(options, MODE, ['l2', 'l3', 'l3s']);

export default parentDriver({
  name: 'ipvlan',
  options: [MODE, FLAG],
  settings: (options) => ({
    ipvlan: { mode: modeOf(options), flag: wordOf(options, FLAG, ['bridge', 'private', 'vepa']) },
  }),
  hasMac: false,
  hasGateway: (options) => modeOf(options) === 'l2',
});
