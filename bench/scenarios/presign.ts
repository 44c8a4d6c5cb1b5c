import { GetObjectCommand, S3Client, UploadPartCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createBucket } from '../../packages/tintype/src/bucket/bucket.ts'
import { digits, type Findings, type Scenario, withSpread } from '../harness/scenario.ts'
import { median, ratios } from '../harness/statistics.ts'

const s3 = {
  region: 'eu-west-1',
  endpoint: 'http://localhost:9000',
  credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
}
const client = new S3Client({ ...s3, forcePathStyle: true, requestChecksumCalculation: 'WHEN_REQUIRED' })
const bucket = createBucket({ ...s3, name: 'b' }, { signReadTtl: 3600, now: Date.now })
const size = 8 * 1024 * 1024
const sha256 = Buffer.alloc(32, 'tintype')

/** What is signed, and by which library. Both say the same: what is answered with, or what may be written. */
const signers = {
  'reading, Tintype': (key) => bucket.viewUrl(key, { type: 'image/jpeg', name: 'photo.jpg' }),
  'reading, SDK': (Key) =>
    getSignedUrl(
      client,
      new GetObjectCommand({
        Bucket: 'b',
        Key,
        ResponseContentType: 'image/jpeg',
        ResponseContentDisposition: 'inline; filename="photo.jpg"',
        ResponseCacheControl: 'private, max-age=3600, immutable',
      }),
    ),
  'writing a part, Tintype': async (key) => {
    const terms = { number: 7, size, sha256: sha256.toString('hex'), seconds: 900 }
    return (await bucket.partUrl(key, 'upload', terms)).url
  },
  'writing a part, SDK': (Key) =>
    getSignedUrl(
      client,
      new UploadPartCommand({
        Bucket: 'b',
        Key,
        UploadId: 'upload',
        PartNumber: 7,
        ContentLength: size,
        ChecksumSHA256: sha256.toString('base64'),
      }),
      { unhoistableHeaders: new Set(['x-amz-checksum-sha256']) },
    ),
} satisfies Record<string, (key: string) => Promise<string>>

type Name = keyof typeof signers
const names = Object.keys(signers) as Name[]

/** In this process: signing asks nobody. */
export const presign: Scenario = {
  id: 'presign',
  title: 'Signed URLs',

  async run({ quick }) {
    const [urls, rounds] = quick ? [500, 3] : [5000, 9]
    const rates = new Map<Name, number[]>(names.map((name) => [name, []]))
    for (let round = 0; round < rounds; round++) {
      for (const name of names) rates.get(name)?.push(await thousandsPerSecond(signers[name], urls))
    }
    return findings((name) => rates.get(name) ?? [])
  },
}

async function thousandsPerSecond(sign: (key: string) => Promise<string>, urls: number): Promise<number> {
  const before = process.cpuUsage()
  for (let i = 0; i < urls; i++) await sign(`media/nEc1-${i}/original.jpg`)
  const { user, system } = process.cpuUsage(before)
  return (urls / (user + system)) * 1e3
}

function findings(rates: (name: Name) => number[]): Findings {
  return {
    about:
      'URLs that let somebody read one object, with the content type and disposition that S3 is to answer with, and URLs ' +
      'that let a browser write one part, with its size and SHA-256. Signed in one process.',
    columns: ['', 'thousands per CPU second', 'beside the SDK'],
    rows: names.map((name) => {
      const sdk = name.replace('Tintype', 'SDK') as Name
      return [name, withSpread(rates(name)), digits(ratios(rates(name), rates(sdk)).median)]
    }),
    targets: [],
    charts: [
      {
        title: 'Signed URLs per CPU second (here longer is better)',
        unit: 'k',
        bars: names.map((name) => ({
          label: name,
          value: median(rates(name)),
          ours: name.endsWith('Tintype'),
        })),
      },
    ],
  }
}
