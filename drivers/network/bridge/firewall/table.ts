/** gocker's table: its chains never change; networks and published ports are elements of its sets and maps. */

export const TABLE = 'gocker';

/** Stands in the table's comment; to be counted up with every change of the text below. */
export const VERSION = 'gocker 1';

/**
 * nft(8). `create` fails where the table is there, so that two who make it at once do not make its rules twice.
 *
 * guard: nothing from outside has a loopback address for its destination (CVE-2020-8558: `route_localnet`, which localhost
 *   needs to reach published ports, lets the kernel take it), and what a container sends has a source address that is
 *   routed to its bridge.
 * publish: packets to the host itself, for those ports that are published. Not those to ::1: Linux takes no answer to it
 *   that comes from outside, so that who asks is better refused at once and asks 127.0.0.1.
 * forward: a network with itself; nothing into or out of an internal one; into the others what was asked for or is
 *   published. That holds for neighbours who route a container's address through this host, and for other networks.
 * postrouting: who asks for a port that its own network or container publishes, or by the host's loopback address, gets
 *   the answer by the same way; what leaves a network has an address of the host. `itself` is for hosts whose bridges
 *   call the firewall (br_netfilter), where such a packet has no incoming interface any more.
 */
const CHAINS = `
  set bridges { type ifname; }
  set within { type ifname . ifname; }
  set internal { type ifname; }
  set masqueraded { type ifname; }
  set itself { type ipv4_addr . ipv4_addr; }
  set itself6 { type ipv6_addr . ipv6_addr; }
  map published { type inet_proto . inet_service : ipv4_addr . inet_service; }
  map published_on { type ipv4_addr . inet_proto . inet_service : ipv4_addr . inet_service; }
  map published6 { type inet_proto . inet_service : ipv6_addr . inet_service; }
  map published6_on { type ipv6_addr . inet_proto . inet_service : ipv6_addr . inet_service; }
  chain guard {
    type filter hook prerouting priority raw; policy accept;
    iifname != "lo" ip daddr 127.0.0.0/8 drop
    iifname @bridges ip saddr != 0.0.0.0 fib saddr . iif oif missing drop
    iifname @bridges ip6 saddr != :: fib saddr . iif oif missing drop
  }
  chain publish {
    fib daddr type != local return
    ip6 daddr ::1 return
    meta nfproto ipv4 dnat ip to ip daddr . meta l4proto . th dport map @published_on
    meta nfproto ipv4 dnat ip to meta l4proto . th dport map @published
    meta nfproto ipv6 dnat ip6 to ip6 daddr . meta l4proto . th dport map @published6_on
    meta nfproto ipv6 dnat ip6 to meta l4proto . th dport map @published6
  }
  chain prerouting {
    type nat hook prerouting priority dstnat; policy accept;
    jump publish
  }
  chain output {
    type nat hook output priority -100; policy accept;
    jump publish
  }
  chain inbound {
    ct state established,related accept
    ct status dnat accept
    drop
  }
  chain forward {
    type filter hook forward priority filter; policy accept;
    iifname . oifname @within accept
    iifname @internal drop
    oifname @internal drop
    oifname @bridges jump inbound
  }
  chain postrouting {
    type nat hook postrouting priority srcnat; policy accept;
    iifname . oifname @within ct status dnat masquerade
    ct status dnat ip saddr . ip daddr @itself masquerade
    ct status dnat ip6 saddr . ip6 daddr @itself6 masquerade
    iifname . oifname @within accept
    iifname @masqueraded masquerade
    oifname @bridges ip saddr 127.0.0.0/8 masquerade
  }
`;

/** What nft -f reads: the table where there is none, and in place of one of another version. */
export function tableText({ replacing }: { replacing: boolean }): string {
  const before = replacing ? `delete table inet ${TABLE}\n` : '';
  return `${before}create table inet ${TABLE} { comment "${VERSION}"; }\ntable inet ${TABLE} {${CHAINS}}\n`;
}
