import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { contentTypeOf } from './content-type.ts'

const parse = (contentType?: string, encoding?: string) =>
  contentTypeOf({ headers: { 'content-type': contentType, 'content-encoding': encoding } })
const transferred = (coding: string) => () =>
  contentTypeOf({ headers: { 'content-type': 'application/json', 'transfer-encoding': coding } })
const boundary = (contentType: string) => parse(contentType).parameters.get('boundary')?.value

describe('the Content-Type of a request', () => {
  for (const [contentType, found] of [
    ['multipart/form-data; boundary=XbX', 'XbX'],
    ['multipart/form-data; boundary="X b:X"; charset=utf-8', 'X b:X'],
    ['multipart/form-data; charset=utf-8;BOUNDARY=----=_Part/1_?.2', '----=_Part/1_?.2'],
    ['multipart/form-data; xboundary=A; boundary=B', 'B'],
    ['multipart/form-data; x="; boundary=A"; boundary=B', 'B'],
    ['multipart/form-data; x="\\"; boundary=A"; boundary=B', 'B'],
    ['multipart/form-data; x=boundary=A; boundary=B', 'B'],
    ['multipart/form-data ;; boundary=B ;', 'B'],
    ['multipart/form-data; x="; boundary=A"', undefined],
    ['multipart/form-data', undefined],
  ] as const) {
    test(`${contentType} has the boundary ${found}`, () => assert.equal(boundary(contentType), found))
  }

  for (const contentType of [
    'multipart/form-data; boundary=A; boundary=B',
    'multipart/form-data; boundary=A; Boundary=A',
    'multipart/form-data; boundary',
    'multipart/form-data; boundary="A',
    'multipart/form-data; boundary="A"B',
  ]) {
    test(`${contentType} is malformed`, () => {
      assert.throws(() => boundary(contentType), { code: 'malformed_request' })
    })
  }

  test('is in lower case, and empty where there is none', () => {
    assert.equal(parse('Application/JSON ; charset=utf-8').type, 'application/json')
    assert.equal(parse().type, '')
  })

  for (const encoding of [
    'gzip',
    'br',
    'deflate',
    'zstd',
    'x-gzip',
    'GZIP',
    'identity, gzip',
    'aws-chunked',
    'utf-8',
  ])
    test(`with Content-Encoding: ${encoding} is of no use`, () => {
      assert.throws(() => parse('application/json', encoding), { code: 'unsupported_body' })
    })

  test('with a Transfer-Encoding is of use when it is chunked', () => {
    assert.equal(transferred('Chunked')().type, 'application/json')
    assert.throws(transferred('gzip, chunked'), { code: 'unsupported_body' })
  })

  for (const encoding of ['identity', 'Identity', '', ' ', 'identity, identity'])
    test(`with Content-Encoding: "${encoding}" is as without`, () => {
      assert.equal(parse('application/json', encoding).type, 'application/json')
    })
})
