import { SyscallError } from '../../../native/errors.ts';
import { DriverUnavailableError, GockerError, hasCode } from '../../errors.ts';

/** What keeps a default network from being made, besides what the kernel refuses. */
const REASONS = ['SUBNETS_EXHAUSTED', 'BRIDGE_IN_USE', 'PROGRAM_FAILED', 'DRIVER_NOT_FOUND', 'DRIVER_FAILED'];

/**
 * Does `work` on a network. Nobody may have asked for the default one: an error about making it says how to do without. A
 * missing nft is left as it is, since that is about ports, and its own hint helps more.
 */
export async function orOtherwise<T>(network: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (network !== 'bridge' || !(error instanceof GockerError) || !isAboutHost(error)) throw error;
    const { code, message, hint, exitCode } = error;
    const otherwise = 'or do without it: --network none for no network, --network host for that of the host';
    throw new GockerError(code, `the default network cannot be made: ${message}`, {
      hint: hint === undefined ? otherwise : `${hint}; ${otherwise}`,
      exitCode,
      cause: error,
    });
  }
}

function isAboutHost(error: GockerError): boolean {
  if (error.code === 'NFT_MISSING') return false;
  return (
    error instanceof DriverUnavailableError || error instanceof SyscallError || hasCode(error, ...REASONS)
  );
}
