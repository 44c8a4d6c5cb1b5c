import type { Lanes } from './lanes.ts'
import { readAll } from './sha256.ts'
import { type Answer, codeOf, type Outgoing, send } from './transport.ts'

export interface FileRequest {
  /** What of the file is in the body. */
  file: Blob
  lanes: Lanes
  signal?: AbortSignal | undefined
}

/**
 * Sends a request that carries a file or a part of one, on a lane. The request is made when the lane is free, so
 * that its URL hasn't grown old waiting.
 *
 * @param make undefined: it is not needed any more
 * @throws {UploadError} `network`, or what `make` throws
 * @throws {DOMException} `NotReadableError` where the file has changed or gone
 */
export async function sendFile<Made extends Outgoing | undefined>(
  { file, lanes, signal }: FileRequest,
  make: () => Promise<Made>,
): Promise<Answer | Extract<Made, undefined>> {
  const lane = await lanes.take(signal)
  let request: Outgoing | undefined
  try {
    const made = await make()
    if (!made) {
      lane.leave()
      return made as Extract<Made, undefined>
    }
    request = made
    const onProgress = (sent: number, total: number) => {
      if (sent === total) lane.sent()
      made.onProgress?.(sent, total)
    }
    const answer = await send({ ...made, signal, onProgress })
    if (isBusy(answer)) lane.failed()
    else if (answer.status < 300) lane.done(file.size)
    else lane.leave()
    return answer
  } catch (error) {
    if (signal?.aborted || !request) lane.leave()
    else lane.failed()
    // A file that can't be read looks like a lost connection: reading tells.
    if (request) await readAll(file.slice(0, 1))
    throw error
  }
}

/** It may be taken later; S3 has two 400s that mean the connection. */
export const isBusy = (answer: Answer): boolean =>
  answer.status >= 500 ||
  answer.status === 408 ||
  answer.status === 429 ||
  /^(RequestTimeout|IncompleteBody|OperationAborted|ConditionalRequestConflict)$/.test(codeOf(answer) ?? '')
