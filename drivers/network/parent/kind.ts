import type { Network, NewLink } from '../../../src/driver/index.ts';
import { UsageError } from '../../../src/errors.ts';

/** docker's option that names the interface of the host. */
const PARENT = 'parent';

/** What macvlan and ipvlan differ in. */
export interface Kind {
  /** The kernel's name, and the driver's. */
  name: 'macvlan' | 'ipvlan';
  /** The options that it knows beside its parent. */
  options: string[];
  /** Throws UsageError. */
  settings(options: Record<string, string>): Pick<NewLink, 'macvlan' | 'ipvlan'>;
  /** Each has a MAC of its own. */
  hasMac: boolean;
  /** Containers send to a router; else into the interface, whatever the target. */
  hasGateway(options: Record<string, string>): boolean;
}

/** All options of a driver of this kind. */
export function optionsOf(kind: Kind): string[] {
  return [PARENT, ...kind.options];
}

/** The interface of the host. Throws UsageError where none was named. */
export function parentOf({ options, name, driver }: Network): string {
  const parent = options[PARENT];
  if (parent !== undefined && parent !== '') return parent;
  throw new UsageError('NO_PARENT', `network ${name} of driver ${driver} needs an interface of the host`, {
    hint: `name it: -o ${PARENT}=eth0`,
  });
}
