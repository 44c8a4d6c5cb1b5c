import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { photo } from '../../../../test/media/photos.ts'
import { silentLog } from '../log.ts'
import { createDecoder, type DecodeResult, type Decoder } from './decoder.ts'

const request = { type: 'image/jpeg', limits: { pixels: 100_000_000 } }

describe('the decoder', () => {
  let decoder: Decoder
  before(() => {
    decoder = createDecoder({ log: silentLog })
  })
  after(() => decoder.close())

  test('makes a thumb and a placeholder of a few hundred bytes', async () => {
    const result = await decoder.decode(await photo({ width: 1000, height: 500 }), request)
    assert.ok(result.ok)
    assert.deepEqual(
      [result.width, result.height, result.thumb.width, result.thumb.height],
      [1000, 500, 320, 160],
    )
    assert.ok(result.placeholder.length < 600)
  })

  test('never enlarges', async () => {
    const result = await decoder.decode(await photo({ width: 10, height: 5 }), request)
    assert.ok(result.ok && result.thumb.width === 10)
  })

  test('refuses a picture that is cut off, and one of more pixels than allowed', async () => {
    const bytes = await photo({ width: 400, height: 300 })
    const cut = await decoder.decode(bytes.subarray(0, bytes.length / 2), request)
    assert.ok(!cut.ok && cut.code === 'not_decodable')
    const large = await decoder.decode(bytes, { ...request, limits: { pixels: 1000 } })
    assert.ok(!large.ok)
  })

  test('cannot be made to load a format that is not taken', async () => {
    for (const bytes of [
      await photo({ type: 'image/tiff' }),
      Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    ]) {
      assert.ok(!(await decoder.decode(bytes, request)).ok)
    }
  })

  test('a process that is killed fails its own picture and no other', { skip: noProc() }, async () => {
    const large = await photo({ width: 3000, height: 2000 })
    const small = await photo()
    const jobs: Promise<DecodeResult>[] = [decoder.decode(large, request), decoder.decode(large, request)]
    for (let i = 0; i < 20; i++) jobs.push(decoder.decode(small, request))
    const [victim] = childPids('worker.ts')
    process.kill(victim as number, 'SIGKILL')
    const results = await Promise.all(jobs)
    assert.equal(results.filter((result) => !result.ok).length, 1)
  })
})

function noProc(): string | false {
  return process.platform === 'linux' ? false : 'finds its children in /proc'
}

function childPids(script: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = /\nPPid:\s*(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
        return Number(parent) === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(script)
      } catch {
        return false
      }
    })
}
