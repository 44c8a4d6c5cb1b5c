import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, describe, test } from 'node:test'
import { photo } from '../../../../test/media/photos.ts'
import { skipWithoutCredentials } from '../../../../test/support/credentials.ts'
import { silentLog } from '../log.ts'
import { noRequester } from '../workers/queue.ts'
import { createCredentialsJudge } from './judge.ts'

const signed = readFileSync(new URL('../../../../test/media/files/content-credentials.jpg', import.meta.url))

describe('Content Credentials', { skip: skipWithoutCredentials }, () => {
  const judge = createCredentialsJudge({ log: silentLog })
  after(() => judge.close())
  const say = (bytes: Buffer, type = 'image/jpeg') => judge.judge(bytes, type, noRequester)

  test('are valid as they were signed, by any of the signers', async () => {
    assert.equal(await say(signed), 'valid')
  })

  test('are invalid once a byte of the picture or of the manifest is another', async () => {
    const pixel = Buffer.from(signed)
    const at = pixel.length - 100
    pixel[at] = (pixel[at] as number) ^ 1
    assert.equal(await say(pixel), 'invalid')
    const claim = Buffer.from(signed)
    claim.write('X', claim.indexOf('c2pa.signature') + 5, 'latin1')
    assert.equal(await say(claim), 'invalid')
  })

  test('are not judged where there are none, or none that it finds', async () => {
    assert.equal(await say(await photo()), undefined)
    assert.equal(await say(await photo({ type: 'image/png' }), 'image/png'), undefined)
  })
})

test('Content Credentials are not judged without the library', async () => {
  const judge = createCredentialsJudge({ log: silentLog, installed: () => undefined })
  assert.equal(await judge.judge(signed, 'image/jpeg', noRequester), undefined)
  await judge.close()
})
