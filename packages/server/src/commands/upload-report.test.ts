import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UploadItem } from '@tintype/client'
import { bars, createUploadReport } from './upload-report.ts'

const item = (name: string, change: Partial<UploadItem> = {}): UploadItem => ({
  ...{
    id: name,
    name,
    size: 2_000_000_000,
    sent: 500_000_000,
    state: 'uploading',
    needsFile: false,
    canPause: true,
  },
  ...{ bytesPerSecond: 10_000_000, secondsLeft: 150, ...change },
})

test('a bar for each file under way and one for all, none longer than the terminal', () => {
  const items = [
    item('clip.mp4'),
    item('waits.mp4', { state: 'queued', sent: 0 }),
    item('checked.mp4', { state: 'checking', sent: 2e9, bytesPerSecond: 0 }),
  ]
  const lines = bars(items, 100)
  assert.equal(lines.length, 3)
  assert.match(lines[0] ?? '', /█{6}░{18} {2}25 % +2\.0 GB {2}clip\.mp4/)
  assert.match(lines[1] ?? '', /100 % +being checked {2}checked\.mp4/)
  assert.match(lines[2] ?? '', / 41 % +0 of 3 {2}2\.5 GB {2}10\.0 MB\/s {2}6 min left/)
  assert(bars([item('x'.repeat(500))], 40).every((line) => [...line].length < 40))
})

test('control characters in names never reach the terminal', () => {
  const [line = ''] = bars([item('a\u001b[2Jb\u202e.mp4')], 100)
  assert(line.endsWith('a?[2Jb?.mp4'))
})

test('where the output is no terminal there are lines alone', () => {
  const written: string[] = []
  const output = { isTTY: false, columns: 80, write: (text: string) => written.push(text) > 0 }
  const report = createUploadReport(output as never, () => 0)
  report.update([item('clip.mp4')])
  report.line('sent    clip.mp4')
  report.end()
  assert.deepEqual(written, ['sent    clip.mp4\n'])
})
