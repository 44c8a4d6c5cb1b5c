/**
 * How many random cases a fuzz test makes, and from which seed: the same ones on every run. `npm run fuzz` makes a
 * hundred times as many; `FUZZ_SEED` chooses other ones.
 *
 * @example
 * fc.assert(fc.property(fc.uint8Array(), (bytes) => parse(bytes) !== undefined), fuzz(500))
 */
export function fuzz(runs: number): { numRuns: number; seed: number } {
  const many = process.env.TEST_FUZZ === 'long'
  return { numRuns: many ? runs * 100 : runs, seed: Number(process.env.FUZZ_SEED ?? 20261128) }
}
