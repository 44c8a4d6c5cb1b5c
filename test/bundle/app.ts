// A small app as bundlers get it: posts the files it is told to itself, and prints what came of them.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createTintype } from 'tintype'

const [directory = '', ...files] = process.argv.slice(2)

async function main(): Promise<void> {
  const tintype = await createTintype({
    directory,
    authenticate: () => 'me',
    log: { info() {}, warn() {}, error: (event, data) => console.log(event, data) },
  })
  const server = createServer(express().use('/api', tintype.router)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const form = new FormData()
  for (const file of files) form.append('file', new File([await readFile(file)], file))
  const answer = await fetch(`http://127.0.0.1:${port}/api/media`, { method: 'POST', body: form })
  console.log(answer.status, await answer.text())
  server.close()
  await tintype.close()
}

main().catch((error: Error) => {
  console.log(`${error.constructor.name}: ${error.message}`)
  process.exitCode = 1
})
