import type { PolicyDocument } from '../policy/document.ts'

/** Credentials that the server knows, and what they may do. */
export interface Identity {
  /** In policies: `${aws:username}`, `arn:aws:iam::000000000000:user/NAME`. @default accessKeyId */
  name?: string
  /** Sent with each request. */
  accessKeyId: string
  /** Never sent: requests are signed with it. */
  secretAccessKey: string
  /** What it may do. @default everything: it owns the account */
  policy?: PolicyDocument
}
