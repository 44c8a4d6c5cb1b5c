import { ConfigError } from './error.ts'

/** @returns to be thrown: `limits.files is 0; it has to be a whole number, from 1 to 1000.` */
export function wrong(name: string, value: unknown, right: string): ConfigError {
  return new ConfigError(`${name} is ${shown(value)}; it has to be ${right}.`)
}

/** The same where a string may be a secret: it is never shown. */
export function wrongKind(name: string, value: unknown, right: string): ConfigError {
  return wrong(name, typeof value === 'string' && value !== '' ? stringInstead : value, right)
}

const stringInstead = Symbol('a string')

/** The same for a text of a variable, which is shown only where it can't hold a secret. */
export function wrongText(name: string, text: string, right: string): ConfigError {
  return new ConfigError(`${name}${quoted(text)}; it has to be ${right}.`)
}

/** A value in a sentence. What is inside of objects is never shown: it may be a secret. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value === '' ? 'empty' : quotable(value) ? `"${value}"` : 'a string'
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'symbol') return value === stringInstead ? 'a string' : 'a symbol'
  // What an await is missing before.
  if (value instanceof Promise) return 'a promise'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

/** ` is "value"`, where it can't hold a secret. */
export function quoted(text: string): string {
  return quotable(text) ? ` is "${text}"` : ' can not be read'
}

function quotable(text: string): boolean {
  return !/[@?#\s]/.test(text) && text.length <= 100
}
