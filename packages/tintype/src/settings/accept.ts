import { knownTypes } from '@tintype/protocol'
import { ConfigError } from './error.ts'
import type { Kind } from './kinds.ts'
import { nearest } from './nearest.ts'
import { shown, wrongKind } from './shown.ts'

const right = `a list of some of ${knownTypes.join(', ')}`

/** Media types that are taken, by their whole names: a pattern such as `image/*` would take types of later versions. */
export const accept: Kind<ReadonlySet<string>> = {
  right,
  check(name, value) {
    if (!Array.isArray(value) || value.length === 0) throw wrongKind(name, value, right)
    const known: readonly unknown[] = knownTypes
    const at = value.findIndex((type) => !known.includes(type))
    if (at === -1) return new Set<string>(value)
    const strange: unknown = value[at]
    const meant = typeof strange === 'string' ? nearest(strange, knownTypes) : undefined
    throw new ConfigError(
      `${name} has ${shown(strange)} in it, but has to be ${right}${meant === undefined ? '.' : `; did you mean ${meant}?`}`,
    )
  },
  parse: (name, text) => accept.check(name, text.split(/[\s,]+/)),
}
