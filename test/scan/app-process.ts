// An app in a process of its own whose scan never ends; its parent kills it. See killed.long.test.ts.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { createTintype } from '../../packages/tintype/src/tintype.ts'

export interface Order {
  database: string
  endpoint: string
  /** Seconds after which an upload is answered. */
  scanAnswer: number
}

/** Lines that it writes. */
export type Told = { url: string } | { scanning: string }

const { database, endpoint, scanAnswer } = JSON.parse(process.argv[2] ?? '') as Order
const tell = (told: Told) => process.stdout.write(`${JSON.stringify(told)}\n`)
const tintype = await createTintype({
  database,
  bucket: {
    name: 'photos',
    endpoint,
    credentials: { accessKeyId: 'app', secretAccessKey: 'apps-secret' },
  },
  authenticate: () => 'ann',
  times: { uploadDeadline: 60, scanAnswer },
  hooks: {
    scan({ name }) {
      tell({ scanning: name })
      return new Promise(() => {})
    },
  },
  log: { info() {}, warn() {}, error() {} },
})
const server = createServer(express().use('/api', tintype.router)).listen(0, '127.0.0.1', () =>
  tell({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
)
