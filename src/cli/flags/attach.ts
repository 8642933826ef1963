import { boolean } from '@oclif/core/flags';
import { DEFAULT_DETACH_KEYS } from '../detach-keys.ts';
import { text } from '../flags.ts';

/** How a terminal is connected to a program in the background. */
export const attachFlags = {
  'detach-keys': text({
    description: 'keys that leave the program running',
    helpValue: 'KEYS',
    default: DEFAULT_DETACH_KEYS,
  }),
  'sig-proxy': boolean({ description: 'hand signals on to the program', default: true, allowNo: true }),
};
