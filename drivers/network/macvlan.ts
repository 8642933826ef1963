/** Containers on the network of a host's interface, each with a MAC of its own: `-o parent=eth0`. */
import { wordOf } from './options.ts';
import { parentDriver } from './parent/driver.ts';

const MODE = 'macvlan_mode';

export default parentDriver({
  name: 'macvlan',
  options: [MODE],
  settings: (options) => ({
    macvlan: { mode: wordOf(options, MODE, ['bridge', 'private', 'vepa', 'passthru']) },
  }),
  hasMac: true,
  hasGateway: () => true,
});
