/** A policy in the language of AWS. */
export interface PolicyDocument {
  /** `2012-10-17`; without it, policy variables are plain text. */
  Version?: string
  /** A name of your choice. */
  Id?: string
  /** What is allowed and denied. */
  Statement: Statement | Statement[]
}

export interface Statement {
  Sid?: string
  Effect: 'Allow' | 'Deny'
  /** Only in bucket policies: `"*"` or `{ AWS: ... }`. */
  Principal?: Principal
  NotPrincipal?: Principal
  /** `s3:GetObject`, with `*` and `?`; letter case does not matter. */
  Action?: string | string[]
  NotAction?: string | string[]
  /** `arn:aws:s3:::bucket/key`, with `*`, `?` and policy variables. */
  Resource?: string | string[]
  NotResource?: string | string[]
  /** Operator, then context key, then the values, of which one has to match. */
  Condition?: Record<string, Record<string, ConditionValue | ConditionValue[]>>
}

export type Principal = '*' | Record<string, string | string[]>
export type ConditionValue = string | number | boolean
