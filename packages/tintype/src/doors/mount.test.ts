import assert from 'node:assert/strict'
import { test } from 'node:test'
import { operations } from '@tintype/protocol/openapi'
import { randomId } from '../ids.ts'
import { findMount } from './mount.ts'

const id = randomId()

test('the API is found behind whatever path it is mounted at', () => {
  for (const [url, mount, path] of [
    ['/media', '', '/media'],
    ['/api/media', '/api', '/media'],
    ['/v1/photos/uploads/', '/v1/photos', '/uploads/'],
    [`/api/media/${id}/original`, '/api', `/media/${id}/original`],
    [`/api/uploads/${id}/complete`, '/api', `/uploads/${id}/complete`],
    ['/api/s3/tintype/media/x/original.jpg', '/api', '/s3/tintype/media/x/original.jpg'],
    ['/api/openapi.json', '/api', '/openapi.json'],
    ['/API/Media', '/API', '/Media'],
    // What is not there is not there below the API, too.
    ['/api/media/nothing', '/api', '/media/nothing'],
    ['/api/nothing', '', '/api/nothing'],
  ] as const) {
    assert.deepEqual(findMount(url, undefined), { mount, path }, url)
  }
})

test('each route is found behind a mount that nobody has named', () => {
  for (const operation of Object.keys(operations)) {
    const path = operation.slice(operation.indexOf(' ') + 1).replaceAll(/:\w+/g, id)
    assert.deepEqual(findMount(`/api${path}`, undefined), { mount: '/api', path }, operation)
  }
})

test('an app may have one of its words in its own path', () => {
  assert.deepEqual(findMount(`/media/media/${id}`, undefined), { mount: '/media', path: `/media/${id}` })
  assert.deepEqual(findMount('/uploads/api/media', undefined), { mount: '/uploads/api', path: '/media' })
})

test('what stands before the API is a path of the app, and never another host or a way back', () => {
  for (const before of [
    '//evil.example',
    '/api/',
    '/.',
    '/api/..',
    '/%2E%2e',
    '/\\evil.example',
    `/${'a'.repeat(300)}`,
  ]) {
    const path = `${before}/media`
    assert.deepEqual(findMount(path, undefined), { mount: '', path }, path)
  }
})

test('what the app says is believed, whether the path is still there or was taken off', () => {
  assert.deepEqual(findMount('/media/media', '/media'), { mount: '/media', path: '/media' })
  assert.deepEqual(findMount('/api/media', '/api/'), { mount: '/api', path: '/media' })
  assert.deepEqual(findMount('/media', '/api'), { mount: '/api', path: '/media' })
  assert.deepEqual(findMount('/apis/media', '/api'), { mount: '/api', path: '/apis/media' })
  assert.deepEqual(findMount('/api', '/api'), { mount: '/api', path: '/' })
})
