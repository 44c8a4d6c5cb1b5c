import { join } from 'node:path'
import express from 'express'
import { createTintype } from 'tintype'

// No bucket, no database: an S3 server inside this process and SQLite, below ./data. Everybody is one user here.
const tintype = await createTintype({ authenticate: () => 'me' })

const app = express()
app.use('/api', tintype.router)

// The page, as `vite build` has made it.
app.use(express.static(join(import.meta.dirname, 'dist')))

export const server = app.listen(Number(process.env.PORT ?? 4000), '127.0.0.1')

/** Lets uploads under way finish. */
export async function close() {
  server.close()
  await tintype.close()
}
process.once('SIGTERM', close)
