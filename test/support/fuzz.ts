import fc from 'fast-check'

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

/**
 * A place in a file, from 0 up to and without 1, anywhere as likely as elsewhere. fast-check's doubles are spread over their
 * bit patterns instead: nine of ten places that they name are in the first thousandth of the file.
 */
export const anyPlace: fc.Arbitrary<number> = fc.nat(2 ** 30 - 1).map((n) => n / 2 ** 30)
