/** GOCKER_FUZZ makes it longer, GOCKER_FUZZ_SEED does the same again. */
export const ROUNDS = Number(process.env.GOCKER_FUZZ ?? 1500);
export const SEED = Number(process.env.GOCKER_FUZZ_SEED ?? 20_260_101);
