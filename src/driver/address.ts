/** IP addresses between text and bytes, for drivers, which see nothing else of gocker. */
export { formatAddress, parseAddress, parsePrefix } from '../../native/netlink/ip.ts';
