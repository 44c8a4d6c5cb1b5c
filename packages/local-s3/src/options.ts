/** What each option has to be, for those who have no types. */
const rules: Record<string, [right: string, is: (value: unknown) => boolean]> = {
  directory: ['the path of a folder', isText],
  identities: ['a list of identities', Array.isArray],
  buckets: ['a list of names', (value) => Array.isArray(value) && value.every(isText)],
  region: ['the name of a region, such as us-east-1', isText],
  basePath: ['a path such as /s3', (value) => value === '' || (isText(value) && value.startsWith('/'))],
  now: ['a function', isFunction],
  log: ['a function', isFunction],
  port: ['a whole number, from 0 to 65535', isPort],
  host: ['a name or an address', isText],
}

const required = ['directory', 'identities']

/**
 * `undefined` is the default.
 * @throws TypeError for an option that makes no sense or is not known
 */
export function checkOptions(options: object): void {
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(rules, name)) continue
    throw new TypeError(`${name} is not known; there are ${Object.keys(rules).join(', ')}.`)
  }
  for (const [name, [right, is]] of Object.entries(rules)) {
    const value = (options as Record<string, unknown>)[name]
    if (value === undefined && !required.includes(name)) continue
    if (!is(value)) throw new TypeError(`${name} has to be ${right}, and is ${kindOf(value)}.`)
  }
}

/** Texts are not shown: one may be a secret in the wrong place. */
function kindOf(value: unknown): string {
  if (value === '' || (Array.isArray(value) && value.length === 0)) return 'empty'
  if (typeof value === 'number' || value === undefined || value === null) return String(value)
  return Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535
}
