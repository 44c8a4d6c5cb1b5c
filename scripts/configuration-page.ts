import { serverVariables } from '../packages/server/src/variables.ts'
import { tintypeOptions } from '../packages/tintype/src/settings/options.ts'
import type { Option, Options } from '../packages/tintype/src/settings/read.ts'
import { uploadOptions } from '../packages/tintype/src/settings/upload.ts'

/** docs/configuration.md with its tables as the tables of options have them now. */
export function configurationPage(page: string): string {
  const all = [...rowsOf(serverVariables).map(({ row }) => ({ name: '', row })), ...rowsOf(tintypeOptions)]
  const byVariable = all.flatMap(({ name, row }) => {
    const { variable, about, kind } = row
    if (variable === undefined) return []
    return [
      `| \`${variable}\` | ${code(name)} | ${about} | ${kind.rightText ?? kind.right} | ${defaultOf(row, true)} |`,
    ]
  })
  const inCodeOnly = all.flatMap(({ name, row }) => {
    const { variable, about, kind } = row
    if (variable !== undefined || name === '') return []
    return [`| \`${name}\` | ${about} | ${kind.right} | ${defaultOf(row)} |`]
  })
  const ofUpload = rowsOf(uploadOptions).map(
    ({ name, row }) => `| \`${name}\` | ${row.about} | ${row.kind.right} | ${defaultOf(row)} |`,
  )
  const tables = {
    variables: table(['variable', 'option', 'meaning', 'value', 'default'], byVariable),
    options: table(['option', 'meaning', 'value', 'default'], inCodeOnly),
    upload: table(['option', 'meaning', 'value', 'default'], ofUpload),
  }
  return Object.entries(tables).reduce((text, [name, lines]) => between(text, name, lines), page)
}

/** Options with their full names; of a group its members only, but of one that has no variable of its own both. */
function rowsOf(rows: Options, prefix = ''): { name: string; row: Option }[] {
  return Object.entries(rows).flatMap(([key, row]) => {
    const name = prefix + key
    // The same keys, of another identity.
    if (name === 'bucket.auditCredentials') return [{ name, row }]
    if (!row.rows) return [{ name, row }]
    const inner = rowsOf(row.rows, `${name}.`)
    return ['limits', 'times', 'privacy'].includes(name) ? inner : [{ name, row }, ...inner]
  })
}

function defaultOf(row: Option, inText = false): string {
  if (row.missing !== undefined && row.otherwise === undefined) return 'has to be given'
  if (row.otherwise !== undefined) return row.otherwise
  const value = row.default
  if (value === undefined) return 'none'
  if (typeof value === 'boolean' && inText) return code(value ? 'on' : 'off')
  return code(row.kind.right.includes(' of bytes') ? inUnits(Number(value)) : String(value))
}

function inUnits(bytes: number): string {
  for (const [unit, size] of [
    ['GB', 1024 ** 3],
    ['MB', 1024 ** 2],
  ] as const) {
    if (bytes % size === 0) return `${bytes / size}${unit}`
  }
  return String(bytes)
}

function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}

function table(head: string[], rows: string[]): string {
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows].join('\n')
}

/** @throws Error where the page has no such place */
function between(page: string, name: string, text: string): string {
  const [start, end] = [
    `<!-- ${name}: made by scripts/configuration-doc.ts -->\n`,
    `\n<!-- end of ${name} -->`,
  ]
  const [before, rest] = page.split(start)
  const [, after] = rest?.split(end) ?? []
  if (before === undefined || after === undefined)
    throw new Error(`docs/configuration.md has no place for ${name}.`)
  return before + start + text + end + after
}
