import { AF_UNIX, SOCK } from '../../../native/constants.ts';
import { GockerError, hasCode } from '../../errors.ts';
import type { ContainerContext } from '../context.ts';
import type { Container } from '../schema.ts';
import { lineCutter } from './lines.ts';
import type { LogStream, LogWriter } from './open.ts';

const SOCKET = '/run/systemd/journal/socket';
/** syslog(3): LOG_INFO and LOG_ERR, as docker has it. */
const PRIORITY = { stdout: '6', stderr: '3' };

/** The journal, with docker's field names. Throws LOG_DRIVER_UNAVAILABLE where no journald listens. */
export function openJournal(
  { syscalls }: Pick<ContainerContext, 'syscalls'>,
  { id, config }: Pick<Container, 'id' | 'config'>,
): LogWriter {
  const journal = keepConnected(syscalls);
  const cutters = { stdout: lineCutter(), stderr: lineCutter() };
  const fields = {
    CONTAINER_ID: id.slice(0, 12),
    CONTAINER_ID_FULL: id,
    CONTAINER_NAME: config.name,
    IMAGE_NAME: config.image.reference,
    SYSLOG_IDENTIFIER: id.slice(0, 12),
  };
  const send = (stream: LogStream, lines: Buffer[]) => {
    for (const line of lines) {
      const whole = line.at(-1) === 0x0a;
      const message = whole ? line.subarray(0, -1) : line;
      const partial = whole ? {} : { CONTAINER_PARTIAL_MESSAGE: 'true' };
      journal.send(encodeEntry({ ...fields, ...partial, PRIORITY: PRIORITY[stream] }, message));
    }
  };
  return {
    write: (stream, chunk) => send(stream, cutters[stream].cut(chunk)),
    close() {
      for (const stream of ['stdout', 'stderr'] as const) {
        const rest = cutters[stream].rest();
        if (rest.length > 0) send(stream, [rest]);
      }
      journal.close();
    },
  };
}

/** A journald that is started anew is connected to again; without one, lines are lost and the program goes on. */
function keepConnected(syscalls: ContainerContext['syscalls']): { send(entry: Buffer): void; close(): void } {
  let fd = connectJournal(syscalls);
  const reconnect = () => {
    const again = connectJournal(syscalls);
    syscalls.close(fd);
    fd = again;
  };
  return {
    send(entry) {
      try {
        syscalls.write(fd, entry);
      } catch (error) {
        if (!hasCode(error, 'ECONNREFUSED', 'ENOTCONN', 'ECONNRESET', 'EPIPE')) throw error;
        try {
          reconnect();
          syscalls.write(fd, entry);
        } catch (gone) {
          if (!hasCode(gone, 'LOG_DRIVER_UNAVAILABLE', 'ECONNREFUSED', 'ENOTCONN', 'ECONNRESET')) throw gone;
        }
      }
    },
    close: () => syscalls.close(fd),
  };
}

/** systemd's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): the message with its length, since it may hold anything. */
function encodeEntry(fields: Record<string, string>, message: Buffer): Buffer {
  const lines = Object.entries(fields).map(([name, value]) => `${name}=${value.replaceAll('\n', ' ')}\n`);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(message.length));
  return Buffer.concat([Buffer.from(`${lines.join('')}MESSAGE\n`), length, message, Buffer.from('\n')]);
}

function connectJournal(syscalls: ContainerContext['syscalls']): number {
  const fd = syscalls.socket(AF_UNIX, SOCK.DGRAM | SOCK.CLOEXEC, 0);
  try {
    const family = Buffer.alloc(2);
    family.writeUInt16LE(AF_UNIX);
    syscalls.connect(fd, Buffer.concat([family, Buffer.from(`${SOCKET}\0`)]));
    return fd;
  } catch (error) {
    syscalls.close(fd);
    if (!hasCode(error, 'ENOENT', 'ECONNREFUSED', 'EACCES')) throw error;
    throw new GockerError('LOG_DRIVER_UNAVAILABLE', `nothing listens on ${SOCKET}`, {
      hint: 'journald does not run here: use --log-driver json-file',
      cause: error,
    });
  }
}
