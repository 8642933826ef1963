/** The host's own network: the container sees and uses the host's interfaces, addresses and ports. */
import { linkless } from './linkless.ts';

export default linkless('host');
