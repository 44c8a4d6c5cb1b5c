/**
 * Loaded before our server (`node --import`): puts `examine.ts` beside this file in the place of the server's own,
 * so that pictures are inspected but not decoded. There is no such setting, since nobody should want it.
 */
import { registerHooks } from 'node:module'

const replaced = new URL('../../packages/tintype/src/intake/examine.ts', import.meta.url).href
const replacement = new URL('./examine.ts', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const isReplaced = resolved.url === replaced && context.parentURL !== replacement
    return isReplaced ? { ...resolved, url: replacement } : resolved
  },
})
