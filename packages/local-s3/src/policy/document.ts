export interface PolicyDocument {
  Version?: string
  Id?: string
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
