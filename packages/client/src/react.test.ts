import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { useUploads } from './react.ts'

function Queue() {
  const { items, add } = useUploads({ endpoint: '/api' })
  return createElement('p', null, `${items.length} ${typeof add}`)
}

test('renders on a server, with an empty queue', () => {
  assert.equal(renderToString(createElement(Queue)), '<p>0 function</p>')
})
