import { createAttached } from '../attached.ts'
import { randomId } from '../ids.ts'

const ids = createAttached<string>('tintype request id')

/**
 * Names a request, in its answer and in the log: the same for all who ask about one.
 *
 * @param request as its framework has it
 */
export function requestIdOf(request: object): string {
  return ids.of(request, randomId)
}
