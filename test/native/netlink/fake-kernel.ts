/** Netlink's side of the kernel, scripted: what unit tests let a socket talk to. */
import { fakeSyscalls } from '../../../native/fake.ts';
import { encodeAttributes } from '../../../native/netlink/attributes.ts';
import { NLM_F, NLMSG, NLMSGERR_ATTR_MSG } from '../../../native/netlink/constants.ts';
import { decodeMessages, encodeMessage, type Received } from '../../../native/netlink/message.ts';

/** What comes back for one request: further messages, then an errno with words, 0 for an acknowledgement. */
export interface Answer {
  messages?: { type: number; flags?: number; body: Buffer }[];
  errno?: number;
  text?: string;
}

/** A Syscalls whose netlink sockets answer each request, one datagram a time; `requests` are all that came. */
export function fakeKernel(answer: (request: Received) => Answer | Answer[]) {
  const requests: Received[] = [];
  const waiting: Buffer[] = [];
  const fake = fakeSyscalls({
    sendto: (_fd: number, data: Buffer) => {
      for (const request of decodeMessages(data)) {
        requests.push(request);
        for (const one of [answer(request)].flat()) waiting.push(datagram(request, one));
      }
      return data.length;
    },
    recv: () => waiting.shift() ?? Buffer.alloc(0),
  });
  return { ...fake, requests };
}

function datagram(request: Received, { messages = [], errno, text }: Answer): Buffer {
  const parts = messages.map(({ type, flags = 0, body }) =>
    encodeMessage({ type, flags, body }, request.sequence),
  );
  if (errno !== undefined) parts.push(last(request, errno, text));
  return Buffer.concat(parts);
}

/** NLMSG_DONE ends a dump, NLMSG_ERROR everything else; both begin with an errno (netlink(7)). */
function last(request: Received, errno: number, text?: string): Buffer {
  const isDump = (request.flags & NLM_F.DUMP) === NLM_F.DUMP && errno === 0;
  const body = Buffer.alloc(isDump ? 4 : 20);
  body.writeInt32LE(-errno);
  const words = text === undefined ? [] : [encodeAttributes([[NLMSGERR_ATTR_MSG, Buffer.from(`${text}\0`)]])];
  return encodeMessage(
    {
      type: isDump ? NLMSG.DONE : NLMSG.ERROR,
      flags: NLM_F.CAPPED | (text === undefined ? 0 : NLM_F.ACK_TLVS),
      body: Buffer.concat([body, ...words]),
    },
    request.sequence,
  );
}
