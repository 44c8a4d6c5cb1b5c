import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imageWidthFor, imageWidthsOf } from './images.ts'

test('a large picture can be had in every width of the ladder, and in none above it', () => {
  const all = [160, 320, 640, 960, 1280, 1600, 1920, 2560, 3840]
  assert.deepEqual(imageWidthsOf({ width: 3840, height: 2160 }), all)
  assert.deepEqual(imageWidthsOf({ width: 12_000, height: 8000 }), all)
})

test('a picture is never enlarged: its own width is the last', () => {
  assert.deepEqual(imageWidthsOf({ width: 1000, height: 750 }), [160, 320, 640, 960, 1000])
  assert.deepEqual(imageWidthsOf({ width: 160, height: 90 }), [160])
  assert.deepEqual(imageWidthsOf({ width: 1, height: 1 }), [1])
})

test('a strip is made no taller than WebP can be', () => {
  assert.deepEqual(imageWidthsOf({ width: 1000, height: 20_000 }), [160, 320, 640, 819])
  assert.deepEqual(imageWidthsOf({ width: 1, height: 60_000 }), [1])
})

test('what is asked for becomes the next width that is not smaller', () => {
  const photo = { width: 4000, height: 3000 }
  for (const [asked, given] of [
    [1, 160],
    [160, 160],
    [161, 320],
    [2048, 2560],
    [3840, 3840],
  ] as const) {
    assert.equal(imageWidthFor(photo, asked), given)
  }
  assert.equal(imageWidthFor({ width: 1000, height: 750 }, 960), 960)
  assert.equal(imageWidthFor({ width: 1000, height: 750 }, 961), 1000)
  assert.equal(imageWidthFor({ width: 100, height: 75 }, 640), 100)
})
