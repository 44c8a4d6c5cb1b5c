import { ConfigError } from './error.ts'
import type { Kind } from './kinds.ts'
import { nearest } from './nearest.ts'
import { wrongKind } from './shown.ts'

/** One row of a table of options. */
export interface Option<T = unknown> {
  kind: Kind<T>
  /** What holds where nothing is given. Left out: nothing does. */
  default?: T
  /** The default in words, where it is no single value. */
  otherwise?: string
  /** What to do where nothing is given, for an option that has to be: follows its name and "is missing". */
  missing?: string
  /** The environment variable that sets it in the ready server. */
  variable?: string
  /** One sentence, for docs/configuration.md. */
  about: string
  /** Of a group. */
  rows?: Options
}

export type Options = Readonly<Record<string, Option>>

/** What is read by a table: a default takes the place of what is undefined. */
export type Values<Rows> = { [Name in keyof Rows]: Value<Rows[Name]> }

type Value<Row> = Row extends { kind: Kind<infer T> }
  ? Row extends { default: unknown } | { missing: string }
    ? T
    : T | undefined
  : never

/**
 * Reads what an app gives. `undefined` is the default, however it got there: it never opens a limit.
 *
 * @param group what the names begin with, for instance `limits`; empty at the top
 * @param passedOver names that are neither read nor refused
 * @throws {ConfigError} for a value that makes no sense, a name that is not in the table, or one that is missing
 */
export function readOptions<Rows extends Options>(
  rows: Rows,
  given: unknown,
  group = '',
  passedOver: readonly string[] = [],
): Values<Rows> {
  if (!isObjectWithOptions(given)) {
    throw wrongKind(group === '' ? 'The argument' : group, given, 'an object with options')
  }
  const fullName = (name: string) => (group === '' ? name : `${group}.${name}`)
  const further = Object.entries(rows).flatMap(([name, { rows: inner = {} }]) =>
    Object.keys(inner).map((one) => `${name}.${one}`),
  )
  refuseUnknown(Object.keys(rows), given, { group, further, passedOver, variables: variablesOf(rows) })
  const values: Record<string, unknown> = {}
  for (const [name, row] of Object.entries(rows)) {
    const value = given[name]
    values[name] = value === undefined ? row.default : row.kind.check(fullName(name), value)
  }
  for (const [name, { missing }] of Object.entries(rows)) {
    if (missing !== undefined && values[name] === undefined) {
      throw new ConfigError(`${fullName(name)} is missing; ${missing}`)
    }
  }
  return values as Values<Rows>
}

/** Names of options by what they are called in the environment of the ready server: `undoWindow` means `times.undo`. */
function variablesOf(rows: Options, group = ''): [variable: string, name: string][] {
  return Object.entries(rows).flatMap(([name, { variable, rows: inner = {} }]) => [
    ...(variable === undefined ? [] : ([[bare(variable), group + name]] as [string, string][])),
    ...variablesOf(inner, `${group}${name}.`),
  ])
}

const bare = (name: string) => name.toLowerCase().replaceAll('_', '')

/** A promise that was not awaited and a Map have no names of their own: they would pass as if nothing had been given. */
function isObjectWithOptions(given: unknown): given is Record<string, unknown> {
  return /^\[object (Object|Module)\]$/.test(Object.prototype.toString.call(given))
}

/**
 * A slip of the pen must not be taken for the default.
 * @param about.further names that may have been meant
 * @param about.passedOver names that are no mistake, and not recommended either
 * @param about.variables what a name means, by another that it has elsewhere
 * @throws {ConfigError} for a name that is not known
 */
export function refuseUnknown(
  names: readonly string[],
  given: object,
  about: {
    group?: string
    further?: readonly string[]
    passedOver?: readonly string[]
    variables?: readonly [variable: string, name: string][]
  } = {},
): void {
  const { group = '', further = [], passedOver = [], variables = [] } = about
  const strange = Object.keys(given).find((name) => !names.includes(name) && !passedOver.includes(name))
  if (strange === undefined) return
  const prefix = group === '' ? '' : `${group}.`
  const all = names.map((name) => prefix + name)
  const [, byVariable] = variables.find(([variable]) => variable === bare(strange)) ?? []
  const meant = byVariable
    ? prefix + byVariable
    : nearest(prefix + strange, [...all, ...further.map((name) => prefix + name)])
  const hint =
    all.length === 0
      ? ': no options are taken here.'
      : meant === undefined
        ? `; there ${all.length === 1 ? 'is' : 'are'} ${all.join(', ')}.`
        : `: did you mean ${meant}?`
  // A name that is none is shown as a text, on one line.
  const shown = /^[\w$-]{1,60}$/.test(strange) ? strange : JSON.stringify(strange.slice(0, 60))
  throw new ConfigError(`${prefix}${shown} is not known${hint}`)
}

/** The defaults of a table. */
export function defaultsOf<Rows extends Options>(rows: Rows): Values<Rows> {
  return readOptions(rows, {})
}

export interface Group<Rows extends Options> {
  kind: Kind<Values<Rows>>
  rows: Rows
  about: string
}

/**
 * Options that belong together, in an object of their own; undefined where it is not given.
 * @param passedOver names that are neither read nor refused
 */
export function optionalGroup<Rows extends Options>(
  rows: Rows,
  about: string,
  passedOver?: readonly string[],
): Group<Rows> {
  const kind: Kind<Values<Rows>> = {
    right: 'an object with options',
    check: (name, value) => readOptions(rows, value, name, passedOver),
    parse(name, text) {
      throw wrongKind(name, text, kind.right)
    },
  }
  return { kind, rows, about }
}

/** The same, whose defaults hold where it is not given. */
export function group<Rows extends Options>(
  rows: Rows,
  about: string,
): Group<Rows> & { default: Values<Rows> } {
  return {
    ...optionalGroup(rows, about),
    get default() {
      return defaultsOf(rows)
    },
  }
}
