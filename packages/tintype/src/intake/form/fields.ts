import { TintypeError } from '../../errors.ts'

/** The text fields of a form, as Multer makes them. Objects in it have no prototype. */
export interface Fields {
  [name: string]: FieldValue
}
/** A list where a name came more than once or ends in `[]`; an object for `name[key]`. */
export type FieldValue = string | FieldValue[] | Fields

/** A larger index would make a list of holes, which is expensive to read. Multer takes any. */
const largestIndex = 49
/** Objects in objects. */
const deepest = 10

const append = Symbol('[]')
/** From a field's value to the next one inside it. */
export type Step = string | number | typeof append

/**
 * Where the value of a field belongs: a name without brackets, or with ones that make no sense, stands for itself.
 *
 * @throws {TintypeError} `malformed_multipart` for names that could change the prototype of an app's objects
 * @example parseFieldName('user[emails][]') // ['user', 'emails', append]
 */
export function parseFieldName(name: string): [string, ...Step[]] {
  const [, first = name, brackets = '', isList] = /^([^[]+)((?:\[[^\]]+\])*)(\[\])?$/.exec(name) ?? []
  const keys = Array.from(brackets.matchAll(/\[([^\]]+)\]/g), ([, key = '']) => key)
  if (keys.length > deepest) throw malformed(`A field's name has more than ${deepest} brackets.`, deepest)
  const names = [first, ...keys]
  if (
    names.includes('__proto__') ||
    (keys.length > 0 && names.some((one) => /^(constructor|prototype)$/.test(one)))
  )
    throw malformed('A field may not be named after the prototype of objects.')
  const steps = keys.map((key) => (/^\d+$/.test(key) ? index(key) : key))
  return isList ? [first, ...steps, append] : [first, ...steps]
}

/** @param path of {@link parseFieldName} */
export function addField(fields: Fields, [name, ...path]: [string, ...Step[]], value: string): void {
  fields[name] = place(fields[name], path, value)
}

function index(digits: string): number {
  const number = Number(digits)
  if (number <= largestIndex) return number
  throw malformed(`The index in a field's name is larger than ${largestIndex}.`, largestIndex)
}

/** What stands there when `value` has come too. Where names contradict each other, nothing is lost. */
function place(old: FieldValue | undefined, [step, ...rest]: Step[], value: string): FieldValue {
  if (step === undefined || step === append) {
    if (old === undefined) return step === append ? [value] : value
    if (typeof old === 'string') return [old, value]
    if (Array.isArray(old)) return [...old, value]
    return place(old, [''], value)
  }
  const inside = container(old, typeof step === 'number')
  inside[step] = place(inside[step], rest, value)
  return inside
}

/** A list can be read by a number, and an object by either. */
function container(old: FieldValue | undefined, isList: boolean): Record<string | number, FieldValue> {
  if (Array.isArray(old) ? isList : typeof old === 'object') return old as Fields
  if (old === undefined && isList) return [] as unknown as Fields
  return Object.assign(Object.create(null), typeof old === 'string' ? { '': old } : old)
}

function malformed(detail: string, limit?: number): TintypeError {
  return new TintypeError('malformed_multipart', detail, { limit })
}
