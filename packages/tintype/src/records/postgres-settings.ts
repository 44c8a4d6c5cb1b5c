/** Milliseconds. */
export const timeLimits = { connect: 5_000, statement: 15_000, query: 20_000 }

/** By their number in Postgres: bool, int8, int2, int4, oid, float4, float8. */
const types = { bool: 16, numbers: new Set([20, 21, 23, 26, 700, 701]) }

/**
 * What our columns hold: text and numbers. int8 is a number too: our largest (bytes of a multi-terabyte object,
 * milliseconds since the epoch) is far below 2^53.
 */
export const parsers = {
  getTypeParser(oid: number): (value: string) => unknown {
    if (types.numbers.has(oid)) return Number
    return oid === types.bool ? (value) => value === 't' : (value) => value
  },
}
