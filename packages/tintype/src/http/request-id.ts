import { randomId } from '../ids.ts'

const ids = new WeakMap<object, string>()

/**
 * Names a request, in its answer and in the log: the same for all who ask about one.
 *
 * @param request as its framework has it
 */
export function requestIdOf(request: object): string {
  let id = ids.get(request)
  if (id === undefined) {
    id = randomId()
    ids.set(request, id)
  }
  return id
}
