import type { PolicyDocument } from '../policy/document.ts'

export interface Identity {
  /** In policies: `${aws:username}`, `arn:aws:iam::000000000000:user/NAME`. @default accessKeyId */
  name?: string
  accessKeyId: string
  secretAccessKey: string
  /** What it may do. Without one it owns the account and may do everything. */
  policy?: PolicyDocument
}
