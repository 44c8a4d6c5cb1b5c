import type { Usage as OwnerUsage } from '@tintype/protocol'
import { describeUsage } from './format.ts'

/** How much of what may be kept is used, where there is a limit. @param usage null or undefined: not known */
export function Usage({ usage }: { usage: OwnerUsage | null | undefined }) {
  const text = usage && describeUsage(usage)
  return text ? <p className="usage">{text}</p> : null
}
