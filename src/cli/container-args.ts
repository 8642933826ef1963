import { string } from '@oclif/core/args';

const DESCRIPTION = 'name, ID, or beginning of an ID';

/** One container. */
export const containerArg = string({ required: true, ignoreStdin: true, description: DESCRIPTION });

/** One or several. */
export const containersArg = string({
  required: true,
  multiple: true,
  ignoreStdin: true,
  description: 'names, IDs, or beginnings of IDs',
});
