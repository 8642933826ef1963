/** A network namespace of its own with nothing but the loopback interface, which gocker brings up itself. */
import { linkless } from './linkless.ts';

export default linkless('private');
