// An app in a process of its own that closes an account, and dies in the middle: see remove-all.long.test.ts.
import { armCrashPoint } from '../../packages/tintype/src/crash-points.ts'
import { createTintype } from '../../packages/tintype/src/tintype.ts'

const [database = '', endpoint = '', removals = ''] = process.argv.slice(2)
const tintype = await createTintype({
  database,
  bucket: {
    name: 'photos',
    endpoint,
    credentials: { accessKeyId: 'app', secretAccessKey: 'apps-secret' },
  },
  authenticate: () => null,
  log: { info() {}, warn() {}, error() {} },
})
armCrashPoint('ledger.removing', Number(removals))
await tintype.media.removeAll({ owner: 'leaver' })
