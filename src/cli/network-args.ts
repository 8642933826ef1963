import { string } from '@oclif/core/args';

/** One network. */
export const networkArg = string({
  required: true,
  ignoreStdin: true,
  description: 'name, ID, or beginning of an ID of a network',
});

/** One or several. */
export const networksArg = string({
  required: true,
  multiple: true,
  ignoreStdin: true,
  description: 'names, IDs, or beginnings of IDs of networks',
});
