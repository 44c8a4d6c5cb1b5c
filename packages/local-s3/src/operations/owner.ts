import { createHash } from 'node:crypto'
import { account } from '../auth/authorize.ts'
import type { Element } from '../xml/build.ts'

/** The canonical user that owns everything here. */
const owner: Element[] = [
  ['ID', createHash('sha256').update(account).digest('hex')],
  ['DisplayName', 'local-s3'],
]

export const ownerElement: Element = ['Owner', owner]
export const initiatorElement: Element = ['Initiator', owner]
export const ownerGrantee: Element[] = owner
