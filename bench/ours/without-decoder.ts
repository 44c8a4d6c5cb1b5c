/**
 * Loaded before our server (`node --import`): puts `examine.ts` and `configured.ts` beside this file in the place of the
 * server's own, so that pictures are inspected but not decoded, and no variant is made of them later. There is no such
 * setting, since nobody should want it.
 */
import { registerHooks } from 'node:module'

const library = new URL('../../packages/tintype/src/', import.meta.url)
const replacements = new Map(
  ['intake/examine.ts', 'derive/configured.ts'].map((path) => [
    new URL(path, library).href,
    new URL(path.split('/').pop() as string, import.meta.url).href,
  ]),
)

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const replacement = replacements.get(resolved.url)
    return replacement && context.parentURL !== replacement ? { ...resolved, url: replacement } : resolved
  },
})
