import type { Identity } from './identity.ts'

export interface Verifier {
  identities: ReadonlyMap<string, Identity>
  region: string
  now: () => number
}
