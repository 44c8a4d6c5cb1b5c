import { Damaged } from '../metadata/damaged.ts'
import type { Findings } from './findings.ts'
import { TooManyReads } from './ranges.ts'

/** Looks through a file. Where its bytes contradict its format, it is unsure what is in it. Throws what reading throws. */
export async function unlessDamaged(findings: Findings, look: () => Promise<void>): Promise<void> {
  try {
    await look()
  } catch (error) {
    if (error instanceof TooManyReads) findings.unsure('Its metadata lie in too many places.')
    // Reading past the end of a Buffer is a RangeError.
    else if (error instanceof Damaged || error instanceof RangeError)
      findings.unsure('Its metadata are damaged.')
    else throw error
  }
}
