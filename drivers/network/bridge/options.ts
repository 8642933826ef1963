import { BRIDGE_NAME } from './names.ts';

/** `false`: what leaves the network keeps its address, which others then have to have a route to. */
export const MASQUERADE = 'com.docker.network.bridge.enable_ip_masquerade';

/** `false`: containers reach the network's gateway and what is behind it, and not each other. */
export const TALK = 'com.docker.network.bridge.enable_icc';

/** docker's names, so that its commands and compose files work as they are. */
export const KNOWN_OPTIONS = [
  BRIDGE_NAME,
  TALK,
  MASQUERADE,
  'com.docker.network.bridge.host_binding_ipv4',
  'com.docker.network.bridge.default_bridge',
];
