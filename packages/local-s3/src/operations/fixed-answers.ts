/** Fixed answers, for clients that ask. */

import { S3Error } from '../errors.ts'
import { sendXml } from '../http/respond.ts'
import { type Call, demandObject } from './call.ts'
import { ownerElement, ownerGrantee } from './owner.ts'

/** Buckets are never versioned. */
export function getBucketVersioning({ request, response, store }: Call): void {
  store.buckets.demand(request.bucket)
  sendXml(response, ['VersioningConfiguration', []])
}

/** The owner may do everything, others nothing. */
export function getBucketAcl({ request, response, store }: Call): void {
  store.buckets.demand(request.bucket)
  sendXml(response, acl)
}

export function getObjectAcl(call: Call): void {
  demandObject(call)
  sendXml(call.response, acl)
}

/** Policies decide; ACLs cannot be set, as in each new bucket of S3's. */
export function refuseAcl(): never {
  throw new S3Error('AccessControlListNotSupported')
}

const acl = [
  'AccessControlPolicy',
  [
    ownerElement,
    [
      'AccessControlList',
      [
        [
          'Grant',
          [
            [
              'Grantee',
              ownerGrantee,
              'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"',
            ],
            ['Permission', 'FULL_CONTROL'],
          ],
        ],
      ],
    ],
  ],
] as const
