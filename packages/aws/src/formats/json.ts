import { callsFor } from '../calls.ts'
import type { Resource } from '../resources.ts'

/** Stands for the number of the account, which is unknown without credentials. */
export const accountPlaceholder = 'ACCOUNT_ID'

/**
 * The desired state and, for each resource, the calls of AWS's API that make it, as JSON. Each call can be made by
 * `aws s3api` or `aws iam` with `--cli-input-json`, `ACCOUNT_ID` replaced by the account's number.
 */
export function jsonPlan(resources: readonly Resource[], region: string): string {
  const steps = resources.map((resource) => ({
    ...resource,
    calls: callsFor(resource, { account: accountPlaceholder, region }),
  }))
  return `${JSON.stringify({ region, resources: steps }, null, 2)}\n`
}
