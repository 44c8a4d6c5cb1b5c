/** How the files are written that an app gets. */
export interface Style {
  typescript: boolean
  /** `import`, or `require`. */
  modules: boolean
  /** Whether `await` may stand outside of functions. */
  awaits: boolean
  /** Where the API is, and the page. */
  mount: string
  page: string
  /** Whether the page is a plain one, which the server sends, and no component. */
  plainPage: boolean
}

/** Text where it is TypeScript, or where it is not. */
export function typed({ typescript }: Pick<Style, 'typescript'>, text: string, else_ = ''): string {
  return typescript ? text : else_
}

/** Modules as CommonJS: `import` of one form or the other, and `export const` or `export async function`. */
export function asWritten(code: string, { modules }: Pick<Style, 'modules'>): string {
  if (modules) return code
  const names = [...code.matchAll(/^export (?:const|async function) (\w+)/gm)].map(([, name]) => name)
  const required = code
    .replace(/^import (.+) from ('.+')$/gm, 'const $1 = require($2)')
    .replace(/^export (?=const|async function)/gm, '')
  return names.length === 0 ? required : `${required}\nmodule.exports = { ${names.join(', ')} }\n`
}
