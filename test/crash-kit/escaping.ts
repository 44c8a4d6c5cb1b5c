// A run whose adapter sends requests that it doesn't wait for: their errors come out where no promise holds them.
import { run, tally } from '@tintype/crash-kit'
import { adapterOf } from '../../examples/crash-kit/try.ts'

const adapter = adapterOf('fails.ts')
const report = await run(
  {
    ...adapter,
    recovery: { seconds: 1, how: 'None.' },
    async upload(file, target) {
      void fetch(`${await target.url()}/photos`, { method: 'PUT', body: new Uint8Array(1e6) })
      return adapter.upload(file, target)
    },
  },
  { seed: 1, kills: 6, path: process.env.PATH ?? '', journal: process.argv[2] ?? '' },
)
console.log(tally(report).orphan)
