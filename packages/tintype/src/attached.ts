/** Values of ours that go with objects of others, such as Node's requests. */
export interface Attached<T> {
  /** The object's value, which is made when it is first asked for. */
  of(object: object, make: () => T): T
}

/**
 * Keeps them on the objects themselves, under a symbol. Not in a WeakMap: when V8 collects its young objects it keeps
 * whatever the values of a long-lived WeakMap lead to, so that each request's garbage would grow old and cost ten times
 * as much. Only what takes no further properties is in one.
 *
 * @param name for people who look at such an object in a debugger
 */
export function createAttached<T>(name: string): Attached<T> {
  const at = Symbol(name)
  const others = new WeakMap<object, T>()
  return {
    of(object, make) {
      const known = (object as { [at]?: T })[at] ?? others.get(object)
      if (known !== undefined) return known
      const value = make()
      // Not by a description of the property: that costs eight times as much, and each request has several.
      if (!Reflect.set(object, at, value)) others.set(object, value)
      return value
    },
  }
}
