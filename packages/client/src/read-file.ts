import { slowestByte, stallTimeout, withTimeLimit } from './time-limit.ts'

/**
 * The bytes of a blob. Gives up on a file whose drive is gone, or that a cloud drive never delivers.
 * @throws {DOMException} `NotReadableError`, `TimeoutError`
 */
export const readAll = (blob: Blob): Promise<ArrayBuffer> =>
  withTimeLimit(blob.arrayBuffer(), stallTimeout + blob.size * slowestByte)
