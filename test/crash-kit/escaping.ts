// A run whose adapter sends requests that it doesn't wait for, whose errors come out where no promise holds them, and whose list is cut
// off every other time.
import { run, tally } from '@tintype/crash-kit'
import { adapterOf } from '../../examples/crash-kit/try.ts'

const adapter = adapterOf('fails.ts')
let lists = 0
const report = await run(
  {
    ...adapter,
    recovery: { seconds: 1, how: 'None.' },
    async upload(file, target) {
      void fetch(`${await target.url()}/photos`, { method: 'PUT', body: new Uint8Array(1e6) })
      return adapter.upload(file, target)
    },
    async list(target) {
      if (lists++ % 2 === 0) throw new TypeError('fetch failed')
      return adapter.list(target)
    },
  },
  { seed: 1, kills: 6, path: process.env.PATH ?? '', journal: process.argv[2] ?? '' },
)
console.log(tally(report).orphan)
