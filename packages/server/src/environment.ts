import type { Option, Options, Values } from 'tintype/internal/settings/read'

/** Variables, such as those of the process. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A variable without space around it; undefined where it is not set or empty. */
export function textOf(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim()
  return value === undefined || value === '' ? undefined : value
}

/** What the variable of an option sets, else its default. @throws {ConfigError} */
export function readVariable<Row extends Option>(env: Environment, row: Row): Values<{ row: Row }>['row'] {
  const text = row.variable === undefined ? undefined : textOf(env, row.variable)
  const value = text === undefined ? row.default : row.kind.parse(row.variable as string, text)
  return value as Values<{ row: Row }>['row']
}

/** A table of options, read from their variables. @throws {ConfigError} */
export function readVariables<Rows extends Options>(env: Environment, rows: Rows): Values<Rows> {
  const values = Object.entries(rows).map(([name, row]) => [name, readVariable(env, row)])
  return Object.fromEntries(values) as Values<Rows>
}
