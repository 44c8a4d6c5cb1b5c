import type { Hooks } from '../hooks/types.ts'
import type { Kind } from './kinds.ts'
import { refuseUnknown } from './read.ts'
import { wrongKind } from './shown.ts'

/** The hooks that there are, in the order in which they run. */
export const hookNames = [
  'beforeUpload',
  'transform',
  'scan',
  'ready',
  'removed',
  'restored',
  'concerns',
] as const satisfies (keyof Hooks)[]

/** Those that a route may have: a removal comes by no route of the app's. */
export const routeHookNames = [
  'beforeUpload',
  'transform',
  'scan',
  'ready',
  'concerns',
] as const satisfies (keyof Hooks)[]

function hooks<Name extends keyof Hooks>(names: readonly Name[]): Kind<Pick<Hooks, Name>> {
  const right = `an object with functions, of ${names.join(', ')}`
  return {
    right,
    check(group, value) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw wrongKind(group, value, right)
      refuseUnknown(names, value, { group })
      for (const name of names) {
        const hook = (value as Pick<Hooks, Name>)[name]
        if (hook !== undefined && typeof hook !== 'function')
          throw wrongKind(`${group}.${name}`, hook, 'a function')
      }
      return value as Pick<Hooks, Name>
    },
    parse(name, text) {
      throw wrongKind(name, text, right)
    },
  }
}

export const hooksKind = hooks(hookNames)
export const routeHooksKind = hooks(routeHookNames)
