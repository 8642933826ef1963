/** Numbers of linux/netlink.h, linux/rtnetlink.h, linux/if_link.h, linux/if_addr.h and linux/neighbour.h. */

export const NETLINK_ROUTE = 0;
export const NETLINK_NETFILTER = 12;
export const SOL_NETLINK = 270;
/** Options of a netlink socket: short acknowledgements, words in them, requests that are checked strictly. */
export const NETLINK_OPTION = { CAP_ACK: 10, EXT_ACK: 11, GET_STRICT_CHK: 12 } as const;

export const NLMSG = { ERROR: 2, DONE: 3 } as const;
/** What a request asks for, and what an answer is. */
export const NLM_F = {
  REQUEST: 0x1,
  ACK: 0x4,
  DUMP_INTR: 0x10,
  /** In an acknowledgement: the request is not repeated in it; words follow. */
  CAPPED: 0x100,
  ACK_TLVS: 0x200,
  /** With RTM_GET*. */
  DUMP: 0x300,
  /** With RTM_NEW*. */
  REPLACE: 0x100,
  EXCL: 0x200,
  CREATE: 0x400,
} as const;
/** Part of the type of an attribute that holds others, where the kernel insists on it. */
export const NLA_F_NESTED = 0x8000;
export const NLMSGERR_ATTR_MSG = 1;

export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  SETLINK: 19,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWNEIGH: 28,
  DELNEIGH: 29,
  GETNEIGH: 30,
  GETNSID: 90,
} as const;

/** linux/net_namespace.h. */
export const NETNSA_NSID = 1;

export const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  LINKINFO: 18,
  IFALIAS: 20,
  AF_SPEC: 26,
  NET_NS_FD: 28,
  EXT_MASK: 29,
  LINK_NETNSID: 37,
} as const;
export const IFLA_INFO = { KIND: 1, DATA: 2, SLAVE_KIND: 4, SLAVE_DATA: 5 } as const;
export const IFLA_BRPORT = { MODE: 4, ISOLATED: 33 } as const;
/** linux/if_link.h: how a link comes to an IPv6 address of its own, 1 is not at all. */
export const IFLA_INET6_ADDR_GEN_MODE = 8;
export const IN6_ADDR_GEN_MODE_NONE = 1;
export const VETH_INFO_PEER = 1;
export const IFLA_MACVLAN_MODE = 1;
export const IFLA_IPVLAN = { MODE: 1, FLAGS: 2 } as const;
/** Who of those that share one device reach each other, and how. */
export const MACVLAN_MODE = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const;
export const IPVLAN_MODE = { l2: 0, l3: 1, l3s: 2 } as const;
export const IPVLAN_FLAG = { bridge: 0, private: 1, vepa: 2 } as const;
/** A dump without counters: it is a third as long. */
export const RTEXT_FILTER_SKIP_STATS = 8;

export const IFA = { ADDRESS: 1, LOCAL: 2, BROADCAST: 4 } as const;
/** Used at once: nobody is asked whether it is taken (duplicate address detection). */
export const IFA_F_NODAD = 2;

export const RTA = { DST: 1, OIF: 4, GATEWAY: 5, PRIORITY: 6, PREFSRC: 7, TABLE: 15 } as const;
export const RT_TABLE = { MAIN: 254, LOCAL: 255 } as const;
export const RTPROT_BOOT = 3;
export const RT_SCOPE = { UNIVERSE: 0, LINK: 253 } as const;
export const RTN_UNICAST = 1;

export const NDA = { DST: 1, LLADDR: 2 } as const;
export const NUD_PERMANENT = 0x80;
