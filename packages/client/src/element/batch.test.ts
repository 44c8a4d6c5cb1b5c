import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UploadItem } from '../upload-item.ts'
import { createBatch } from './batch.ts'

const item = (id: string, state: UploadItem['state'], sent = 0) =>
  ({ id, state, sent, size: 10 }) as UploadItem

test('what is done is counted with what is under way, whether it is in the queue still or not', () => {
  const batch = createBatch()
  batch.count([item('a', 'uploading', 4), item('b', 'queued')], false)
  batch.count([item('a', 'done', 10), item('b', 'uploading')], false)
  const later = batch.count([item('b', 'uploading', 3)], false)
  assert.deepEqual(later, { total: 2, done: 1, bytes: 20, sent: 13, added: 0 })
})

test('what fails, is paused or cancelled is no part of it any more', () => {
  const batch = createBatch()
  batch.count([item('a', 'uploading', 4), item('b', 'uploading'), item('c', 'uploading')], false)
  const { total, bytes } = batch.count(
    [item('a', 'failed', 4), item('b', 'paused'), item('c', 'queued')],
    false,
  )
  assert.deepEqual([total, bytes], [1, 10])
})

test('the next batch begins at none, also where what is done stays in the queue', () => {
  const batch = createBatch()
  assert.equal(batch.count([item('a', 'done')], false).added, 1)
  assert.equal(batch.count([item('a', 'done'), item('b', 'queued')], false).total, 1)
  assert.equal(batch.count([item('a', 'done'), item('b', 'done')], false).added, 1)
  batch.forget()
  assert.equal(batch.count([item('a', 'done'), item('b', 'done')], false).added, 0)
})

test('it goes on while more files are looked at', () => {
  const batch = createBatch()
  batch.count([item('a', 'done')], true)
  assert.deepEqual(batch.count([item('b', 'done')], false).added, 2)
})
