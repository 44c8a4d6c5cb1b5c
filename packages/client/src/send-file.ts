import type { Lanes } from './lanes.ts'
import { type Answer, codeOf, type Outgoing, send } from './transport.ts'

export interface FileRequest extends Outgoing {
  /** What of the file is in the body. */
  file: Blob
  lanes: Lanes
}

/**
 * Sends a request that carries a file or a part of one, on a lane.
 *
 * @throws {UploadError} `network`
 * @throws {DOMException} `NotReadableError` where the file has changed or gone
 */
export async function sendFile({ file, lanes, ...request }: FileRequest): Promise<Answer> {
  const { signal } = request
  const lane = await lanes.take(signal)
  try {
    const answer = await send(request)
    if (isBusy(answer)) lane.failed()
    // A form's answer waits for the server to look into the file: that tells nothing about the line.
    else if (request.method === 'PUT' && answer.status < 300) lane.done(file.size)
    else lane.leave()
    return answer
  } catch (error) {
    if (signal?.aborted) lane.leave()
    else lane.failed()
    // A file that can't be read looks like a lost connection: reading tells.
    await file.slice(0, 1).arrayBuffer()
    throw error
  }
}

/** It may be taken later; S3 has two 400s that mean the connection. */
export const isBusy = (answer: Answer): boolean =>
  answer.status >= 500 ||
  answer.status === 408 ||
  answer.status === 429 ||
  /^(RequestTimeout|IncompleteBody)$/.test(codeOf(answer) ?? '')
