import { join } from 'node:path'
import express from 'express'
import { createTintype, refuse } from 'tintype'
import { scanByClamd } from './clamd.ts'

/** A path, or `host:port`. This is where Debian's `clamav-daemon` listens. */
const usualSocket = '/var/run/clamav/clamd.ctl'

// No bucket, no database: an S3 server inside this process and SQLite, below ./data.
const tintype = await createTintype({
  authenticate: 'this-machine',
  hooks: {
    async scan({ read, name, signal }) {
      const found = await scanByClamd(process.env.CLAMD ?? usualSocket, read(), signal)
      if (found) throw refuse(`“${name}” holds ${found}.`, { code: 'infected' })
    },
  },
})

const app = express()
app.use('/api', tintype.router)

app.get('/', (_req, res) => res.sendFile('page.html', { root: join(import.meta.dirname, '..') }))

export const server = app.listen(Number(process.env.PORT ?? 4000), '127.0.0.1')

/** Lets uploads under way finish. */
export async function close() {
  server.close()
  await tintype.close()
}
process.once('SIGTERM', close)
