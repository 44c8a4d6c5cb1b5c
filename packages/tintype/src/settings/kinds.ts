import { wrong, wrongKind, wrongText } from './shown.ts'

/** How the value of an option is read: as an app gives it, or as the text of an environment variable. */
export interface Kind<T> {
  /** What is right in code: follows "it has to be". */
  readonly right: string
  /** What is right in a variable, where that is not the same. */
  readonly rightText?: string
  /** @throws {ConfigError} */
  check(name: string, value: unknown): T
  /** @throws {ConfigError} */
  parse(name: string, text: string): T
}

interface Range {
  least: number
  /** @default none */
  most?: number
}

const largest = Number.MAX_SAFE_INTEGER

/** A number that counts something, such as `seconds`. */
export function whole(range: Range & { unit?: string }): Kind<number> {
  const right = `a whole number${range.unit === undefined ? '' : ` of ${range.unit}`}, ${inWords(range)}`
  return {
    right,
    check(name, value) {
      if (isWithin(value, range)) return value
      throw wrong(name, value, right)
    },
    parse(name, text) {
      const value = Number(text)
      if (/^\d+$/.test(text) && isWithin(value, range)) return value
      throw wrongText(name, text, right)
    },
  }
}

const units: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

/** In a variable `33554432`, `32MB` or `10 GB`; k, M, G and T stand for powers of 1,024. */
export function bytes(range: Range): Kind<number> {
  const { right, check } = whole({ ...range, unit: 'bytes' })
  const rightText = `a number of bytes, ${inWords(range)}, such as 33554432 or 32MB`
  return {
    right,
    rightText,
    check,
    parse(name, text) {
      const [, number, unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgt]?)i?b?$/i.exec(text) ?? []
      const total = Math.floor(Number(number) * (units[unit.toLowerCase()] ?? 1))
      if (number !== undefined && isWithin(total, range)) return total
      throw wrongText(name, text, rightText)
    },
  }
}

/** `true` and `false`; in a variable `on` and `off`. */
export const flag: Kind<boolean> = {
  right: 'true or false',
  rightText: 'on or off',
  check(name, value) {
    if (typeof value === 'boolean') return value
    throw wrong(name, value, 'true or false')
  },
  parse(name, text) {
    if (text === 'on' || text === 'off') return text === 'on'
    throw wrongText(name, text, 'on or off')
  },
}

/**
 * A text with rules of its own.
 * @param read answers with the text in its one spelling. @throws {ConfigError}
 */
export function text(right: string, read: (name: string, value: string) => string): Kind<string> {
  return {
    right,
    check(name, value) {
      if (typeof value === 'string' && value.trim() !== '') return read(name, value)
      throw wrongKind(name, value, right)
    },
    parse: read,
  }
}

export function oneOf<T extends string>(values: readonly T[]): Kind<T> {
  const right = values.map((one) => `"${one}"`).join(' or ')
  const find = (value: unknown) => values.find((one) => one === value)
  return {
    right,
    rightText: values.join(' or '),
    check(name, value) {
      const found = find(value)
      if (found === undefined) throw wrong(name, value, right)
      return found
    },
    parse(name, text) {
      const found = find(text)
      if (found === undefined) throw wrongText(name, text, values.join(', '))
      return found
    },
  }
}

/** What only code can give: a function, or an object with these methods. */
export function methods<T extends object>(right: string, ...names: (keyof T & string)[]): Kind<T> {
  return inCode(right, (value): value is T => {
    const one = value as Record<string, unknown> | null
    return typeof one === 'object' && one !== null && names.every((name) => typeof one[name] === 'function')
  })
}

/** What no variable can hold. */
export function inCode<T>(right: string, is: (value: unknown) => value is T): Kind<T> {
  return {
    right,
    check(name, value) {
      if (is(value)) return value
      throw wrongKind(name, value, right)
    },
    parse(name, text) {
      throw wrongKind(name, text, right)
    },
  }
}

/** @param check of one item, by the name `origins[0]` */
export function list<T>(right: string, check: (name: string, value: unknown) => T): Kind<readonly T[]> {
  const read = (name: string, value: unknown) => {
    if (!Array.isArray(value)) throw wrongKind(name, value, right)
    // Not by `map`, which passes over what was left out: `[, 'a']`.
    return Array.from(value, (item: unknown, index) => check(`${name}[${index}]`, item))
  }
  return {
    right,
    rightText: 'one or more, separated by spaces or commas',
    check: read,
    parse: (name, text) =>
      read(
        name,
        text.split(/[\s,]+/).filter((item) => item !== ''),
      ),
  }
}

function isWithin(value: unknown, { least, most = largest }: Range): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

function inWords({ least, most }: Range): string {
  return most === undefined ? `at least ${least}` : `from ${least} to ${most}`
}
