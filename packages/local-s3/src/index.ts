/** An embedded S3 server that one can trust, for development and tests. */
export type { Identity } from './auth/identity.ts'
export type { RequestEvent } from './http/handler.ts'
export type { Address } from './http/request.ts'
export { createLocalS3, type LocalS3, type LocalS3Options, startLocalS3 } from './local-s3.ts'
export type { ConditionValue, PolicyDocument, Principal, Statement } from './policy/document.ts'
export { PolicyError } from './policy/index.ts'
