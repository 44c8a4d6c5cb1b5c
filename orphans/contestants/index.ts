import type { Adapter } from '@tintype/crash-kit'
import { betterUpload, companion, filesSdk } from './direct.ts'
import { multerMemory, multerS3 } from './multer.ts'
import { payloadDirect, payloadForm } from './payload.ts'
import { presignedRowFirst, presignedRowLast } from './presigned.ts'
import { ours } from './tintype.ts'
import { tusServer } from './tus.ts'

export interface Contestant {
  id: string
  adapter: Adapter
  /** As the table names them. */
  packages: string[]
  /** That has their package.json and lock file, below `orphans`. @default `orphans` itself */
  folder?: string
  /** What its set-up follows. */
  docs: string
  /** One of the three that `--quick` tries. */
  isQuick?: boolean
  isOurs?: boolean
}

const sdk = '@aws-sdk/client-s3'
const presigner = '@aws-sdk/s3-request-presigner'
const presigning = 'https://docs.aws.amazon.com/AmazonS3/latest/userguide/PresignedUrlUploadObject.html'
const payload = {
  packages: ['payload', '@payloadcms/storage-s3', '@payloadcms/db-sqlite'],
  folder: 'payload',
  docs: 'https://payloadcms.com/docs/upload/storage-adapters',
}
const [form, direct, resumable] = ours as [Adapter, Adapter, Adapter]

/** In the order of the table. */
export const contestants: Contestant[] = [
  { id: 'tintype-form', adapter: form, packages: [], docs: '../README.md', isQuick: true, isOurs: true },
  { id: 'tintype-direct', adapter: direct, packages: [], docs: 'direct-uploads.md', isOurs: true },
  { id: 'tintype-resumable', adapter: resumable, packages: [], docs: 'protocols.md', isOurs: true },
  {
    id: 'multer-memory',
    adapter: multerMemory,
    packages: ['multer', sdk],
    docs: 'https://github.com/expressjs/multer#memorystorage',
    isQuick: true,
  },
  {
    id: 'presigned-row-last',
    adapter: presignedRowLast,
    packages: [sdk, presigner],
    docs: presigning,
    isQuick: true,
  },
  { id: 'presigned-row-first', adapter: presignedRowFirst, packages: [sdk, presigner], docs: presigning },
  {
    id: 'multer-s3',
    adapter: multerS3,
    packages: ['multer-s3', 'multer', sdk],
    docs: 'https://github.com/anacronw/multer-s3#usage',
  },
  {
    id: 'tus',
    adapter: tusServer,
    packages: ['@tus/server', '@tus/s3-store'],
    docs: 'https://github.com/tus/tus-node-server/tree/main/packages/s3-store',
  },
  { id: 'payload-direct', adapter: payloadDirect, ...payload },
  { id: 'payload-form', adapter: payloadForm, ...payload },
  {
    id: 'better-upload',
    adapter: betterUpload,
    packages: ['@better-upload/server'],
    docs: 'https://better-upload.com/docs/quickstart',
  },
  {
    id: 'files-sdk',
    adapter: filesSdk,
    packages: ['files-sdk', sdk],
    docs: 'https://files-sdk.dev/docs/ui/server/express',
  },
  {
    id: 'companion',
    adapter: companion,
    packages: ['@uppy/companion'],
    docs: 'https://uppy.io/docs/companion/',
  },
]
