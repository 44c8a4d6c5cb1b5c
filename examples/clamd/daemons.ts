import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { until } from '../../test/support/until.ts'

export const clamd = '/usr/sbin/clamd'

/** EICAR's test file, which every virus scanner finds. In two pieces, so that none finds it here. */
export const eicar = [
  String.raw`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD`,
  'ANTIVIRUS-TEST-FILE!$H+H*',
].join('-')

/** The daemon's protocol, with EICAR as its only signature. */
export async function startStub() {
  const server = createServer((socket) => {
    let command = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      command = Buffer.concat([command, chunk])
      if (isWhole(command))
        socket.end(command.includes(eicar) ? 'stream: Test.EICAR FOUND\0' : 'stream: OK\0')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => void server.close(),
  }
}

/** Whether the command holds chunks up to the one of no length. */
function isWhole(command: Buffer): boolean {
  let at = 'zINSTREAM\0'.length
  for (;;) {
    if (command.length < at + 4) return false
    const length = command.readUInt32BE(at)
    if (length === 0) return true
    at += 4 + length
  }
}

/** The real one, with EICAR as its only signature: so it needs no download. */
export async function startClamd() {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-clamd-'))
  const address = join(directory, 'clamd.sock')
  const config = join(directory, 'clamd.conf')
  const signature = `Test.EICAR:0:*:${Buffer.from(eicar).toString('hex')}\n`
  await writeFile(join(directory, 'test.ndb'), signature)
  await writeFile(
    config,
    `LocalSocket ${address}\nDatabaseDirectory ${directory}\nForeground yes\nMaxThreads 2\n`,
  )
  const child = spawn(clamd, ['--config-file', config], { stdio: 'ignore' })
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`clamd has ended with ${child.exitCode}.`)
    const socket = connect(address)
    return once(socket, 'connect').then(
      () => Boolean(socket.destroy()),
      () => false,
    )
  })
  return {
    address,
    async stop() {
      child.kill()
      await once(child, 'exit')
      await rm(directory, { recursive: true })
    },
  }
}
