import assert from 'node:assert/strict'
import { test } from 'node:test'
import { taggedAnswer } from './conditional.ts'

const value = { name: 'Ünï.jpg' }
const ask = (headers: Record<string, string> = {}, method = 'GET') => taggedAnswer(value, { method, headers })
const tag = ask().headers.ETag as string

test('what has not changed is not sent again to those who know it', () => {
  for (const known of [tag, tag.replace('W/', ''), `"other", ${tag}`, '*']) {
    const { status, headers, body } = ask({ 'if-none-match': known })
    assert.deepEqual([status, headers, body], [304, { ETag: tag }, undefined], known)
  }
  assert.equal(ask({ 'if-none-match': tag }, 'HEAD').status, 304)
})

test('others get it whole, and so does a page that is loaded anew', () => {
  for (const headers of [
    {},
    { 'if-none-match': 'W/"other"' },
    { 'if-none-match': tag, 'cache-control': 'no-cache' },
  ]) {
    assert.equal(ask(headers).body, JSON.stringify(value))
  }
  assert.equal(ask({ 'if-none-match': tag }, 'PATCH').status, 200)
  assert.notEqual(taggedAnswer({ ...value, more: 1 }, { method: 'GET', headers: {} }).headers.ETag, tag)
})
