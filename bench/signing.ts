// View URLs per second: ours beside the SDK's presigner, in turns. node bench/signing.ts
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { createQuerySigner } from '../packages/tintype/src/bucket/sign.ts'
import { createViewUrl } from '../packages/tintype/src/bucket/view-url.ts'

const credentials = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }
const shared = { region: 'eu-west-1', endpoint: 'http://localhost:9000' }
const client = new S3Client({ ...shared, forcePathStyle: true, credentials })
const signer = createQuerySigner({ ...shared, bucket: 'b', credentials: async () => credentials })
const viewUrl = createViewUrl(signer, { ttl: 3600, now: Date.now })

const contestants = {
  ours: (key: string) => viewUrl(key, { type: 'image/jpeg', name: 'photo.jpg' }),
  sdk: (key: string) =>
    getSignedUrl(client, new GetObjectCommand({ Bucket: 'b', Key: key, ResponseContentType: 'image/jpeg' })),
}

const perSecond: Record<string, number[]> = { ours: [], sdk: [] }
for (let round = 0; round < 5; round++) {
  for (const [name, sign] of Object.entries(contestants)) {
    const begun = process.cpuUsage()
    const count = 3000
    for (let i = 0; i < count; i++) await sign(`media/${round}/${i}.jpg`)
    const { user, system } = process.cpuUsage(begun)
    perSecond[name]?.push((count / (user + system)) * 1e6)
  }
}
const median = (values: number[] = []) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const [ours, sdk] = [median(perSecond.ours), median(perSecond.sdk)]
console.log(
  `signatures per CPU second: ours ${Math.round(ours)}, SDK ${Math.round(sdk)}, ratio ${(ours / sdk).toFixed(1)}`,
)
