/** Kills any backend that stores uploads in S3, and counts what it loses and what it leaves behind. */
export {
  type Adapter,
  type Given,
  type KeysOf,
  type ListedRecord,
  type Recovery,
  Refused,
  type SentFile,
  succeeded,
  type Target,
} from './adapter.ts'
export { type Kind, kinds, type Violation } from './count.ts'
export { pickS3Fault } from './faults.ts'
export type { Work } from './journal.ts'
export { createMoments, elapsed, type Moments } from './moments.ts'
export { type RunningProcess, type StartOptions, startProgram } from './process.ts'
export { createRandom, type Random } from './random.ts'
export { killsOf, orphanedBytes, tally, toMarkdown } from './report.ts'
export { type Report, type RunOptions, run } from './run.ts'
export {
  type Faults,
  type S3Fault,
  type S3Proxy,
  type S3ProxyOptions,
  s3Faults,
  startS3Proxy,
} from './s3-proxy.ts'
