import type { Descriptor } from '../../image/types.ts';
import { RegistryError } from '../error.ts';
import { backoff, isTransient } from '../retry.ts';
import { type PieceSource, pieceOf } from './piece.ts';
import { begin, finish, readStatus, type Session, sendPiece, sendWhole } from './session.ts';
import type { Destination } from './types.ts';

export interface UploadOptions {
  destination: Destination;
  blob: Descriptor;
  source: PieceSource;
  /** An upload that was begun already. */
  session: Session | undefined;
  /** Whether the registry has the blob; asked when an answer was lost. */
  isThere(): Promise<boolean>;
}

const MIB = 1024 * 1024;
/** From here on a blob goes in pieces: many registries keep nothing of a piece that breaks off. */
const LARGE = 256 * MIB;
const PIECE = 64 * MIB;
/** Smaller ones help nobody whom larger ones do not help. */
const SMALLEST = MIB;
/** So much in between, and earlier breaks are forgotten. */
const PROGRESS = MIB;

/** How an upload is going about it. */
interface Course {
  session: Session | undefined;
  /** Bytes a request; all at once when infinite. */
  piece: number;
  /** The registry takes no pieces. */
  whole: boolean;
  breaks: number;
  /** Where the break before was. */
  since: number;
}

/**
 * Sends a blob: small ones in one request, large ones in pieces, and in ever smaller pieces where something before the
 * registry finds requests too large. Where it breaks off it goes on, as far as the registry says how much it has, else
 * from the start; it fails after `policy.breaks` breaks with less than 1 MiB between.
 */
export async function uploadBlob(options: UploadOptions): Promise<void> {
  const { blob } = options;
  const piece = blob.size > LARGE ? PIECE : Number.POSITIVE_INFINITY;
  const course: Course = { session: options.session, piece, whole: false, breaks: 0, since: 0 };
  for (;;) {
    try {
      return await send(options, course);
    } catch (error) {
      if (await recover(options, course, error)) return;
    }
  }
}

async function send({ destination, blob, source }: UploadOptions, course: Course): Promise<void> {
  const { size, digest } = blob;
  const { what } = source;
  course.session ??= await begin(destination, what);
  const session = course.session!;
  const length = Math.max(course.piece, session.minimum);
  if (session.offset === 0 && size <= length) {
    return sendWhole(destination, session, { what, digest, piece: pieceOf(source, 0, size) });
  }
  while (course.session!.offset < size) {
    const { offset } = course.session!;
    const piece = pieceOf(source, offset, Math.min(length, size - offset));
    course.session = await sendPiece(destination, course.session!, { what, piece });
    checkAdvance(course.session, { offset, size, what });
  }
  await finish(destination, course.session!, { what, digest });
}

/** A registry that forgets what it has been sent would be sent it for ever. */
function checkAdvance(
  { offset: now, url }: Session,
  { offset, size, what }: { offset: number; size: number; what: string },
): void {
  if (now > offset && now <= size) return;
  const message = `${what}: ${url.host} has ${now} bytes of it after a piece that began at ${offset}`;
  throw new RegistryError('BAD_RANGE', message, { url, transient: true });
}

/** Sets the course anew after an error; true when the blob has arrived all the same. Throws what is no use fighting. */
async function recover(options: UploadOptions, course: Course, error: unknown): Promise<boolean> {
  const { destination, isThere } = options;
  if (changeCourse(options, course, error)) return false;
  if (!isTransient(error) && !isLost(course, error)) throw error;
  const { policy, log } = destination.connection;
  course.breaks++;
  if (course.breaks > policy.breaks) throw error;
  const wait = Math.min(policy.longest, Math.max(error.retryAfter ?? 0, backoff(course.breaks, policy)));
  await policy.sleep(wait, destination.signal);
  if (await isThere()) return true;
  course.session = isLost(course, error) ? undefined : await status(options, course);
  const offset = course.session?.offset ?? 0;
  if (offset - course.since >= PROGRESS) course.breaks = 0;
  course.since = Math.max(course.since, offset);
  if (offset > 0) log(`${error.message}; going on with ${options.source.what} at ${offset}`);
  return false;
}

async function status({ destination, source }: UploadOptions, { session }: Course) {
  if (session === undefined) return undefined;
  try {
    const now = await readStatus(destination, session, source.what);
    return now && (now.offset > 0 ? now : undefined);
  } catch (error) {
    if (isTransient(error)) return undefined;
    throw error;
  }
}

/** Another way of sending the same, when the registry does not take this one. */
function changeCourse({ blob }: UploadOptions, course: Course, error: unknown): boolean {
  if (!(error instanceof RegistryError) || course.session === undefined) return false;
  const piece = Math.min(course.piece, blob.size);
  if (error.status === 413 && !course.whole && piece > Math.max(SMALLEST, course.session.minimum)) {
    course.piece = Math.max(SMALLEST, Math.min(PIECE, Math.ceil(piece / 4)));
    course.session = undefined;
    return true;
  }
  const inPieces = course.piece !== Number.POSITIVE_INFINITY || course.session.offset > 0;
  const isRefused =
    [400, 405, 501].includes(error.status ?? 0) && !error.registryCodes.includes('DIGEST_INVALID');
  if (inPieces && !course.whole && isRefused) {
    Object.assign(course, { piece: Number.POSITIVE_INFINITY, whole: true, session: undefined });
    return true;
  }
  return false;
}

/** The registry has forgotten the upload, or is elsewhere in it than we are. */
function isLost({ session }: Course, error: unknown): error is RegistryError {
  return (
    session !== undefined && error instanceof RegistryError && (error.status === 404 || error.status === 416)
  );
}
