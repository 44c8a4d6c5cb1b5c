import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MediaRow, VariantRow } from '../records/schema.ts'
import { recipeOf, usualThumb, type VariantSpec } from '../variants/variant-spec.ts'
import { variantSource } from './variant-source.ts'

const photo = {
  id: 'm',
  owner: 'ann',
  kind: 'image',
  type: 'image/heic',
  key: 'original',
  bytes: 1,
  width: 4000,
  height: 3000,
  details: null,
} as MediaRow

const viewSpec: VariantSpec = { ...usualThumb, name: 'view', width: 2048, height: 2048, quality: 80 }
const row = (
  spec: VariantSpec,
  size: { width: number; height: number },
  type = 'image/webp',
): VariantRow => ({
  media_id: 'm',
  name: spec.name,
  key: spec.name,
  type,
  bytes: 1,
  ...size,
  recipe: recipeOf(spec),
})
const thumb = row(usualThumb, { width: 320, height: 240 })
const view = row(viewSpec, { width: 2048, height: 1536 })
const wide = (width: number): VariantSpec => ({
  ...usualThumb,
  name: `w${width}.webp`,
  width,
  height: (width * 3) / 4,
})

function sourceOf(specs: VariantSpec[], { media = photo, variants = [thumb, view] } = {}): string {
  return variantSource({ media, variants }, specs).key
}

test('a size that somebody waits for is made of the smallest variant that is much wider', () => {
  assert.equal(sourceOf([wide(160)]), 'thumb')
  assert.equal(sourceOf([wide(640)]), 'view')
  assert.equal(sourceOf([wide(160), wide(640)]), 'view')
  assert.equal(sourceOf([wide(1920)]), 'original')
  assert.equal(sourceOf([wide(640)], { variants: [thumb] }), 'original')
})

test("what the app has configured is made of the original, and so is a size of a JPEG's", () => {
  assert.equal(sourceOf([usualThumb]), 'original')
  assert.equal(sourceOf([wide(160), viewSpec]), 'original')
  assert.equal(sourceOf([wide(160)], { media: { ...photo, type: 'image/jpeg' } }), 'original')
})

test('a variant that lacks something is not made smaller: its edges, its transparency, its frames, its quality', () => {
  const poor = row({ ...viewSpec, quality: 40 }, { width: 2048, height: 1536 })
  for (const variants of [
    [row(viewSpec, { width: 2048, height: 2048 })],
    [row({ ...viewSpec, format: 'jpeg' }, { width: 2048, height: 1536 }, 'image/jpeg')],
    [poor],
  ])
    assert.equal(sourceOf([wide(640)], { variants }), 'original')
  const details = JSON.stringify({ features: ['animated'] })
  assert.equal(sourceOf([wide(160)], { media: { ...photo, details } }), 'original')
})

test('the size of a photo that is turned is compared as it is shown', () => {
  const details = JSON.stringify({ turned: true })
  const upright = { ...row(viewSpec, { width: 1536, height: 2048 }), key: 'upright' }
  assert.equal(sourceOf([wide(640)], { media: { ...photo, details }, variants: [view, upright] }), 'upright')
})
