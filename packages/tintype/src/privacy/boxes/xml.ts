import { kindOfName } from '../names.ts'
import type { Range, Tree } from './tree.ts'

/**
 * XML of cameras (Sony, Panasonic) in an `xml ` box: attributes and elements whose name says that they are a serial
 * number or a position, and Sony's items, `<Item name="Latitude" value="..."/>`. Their values are overwritten with
 * spaces; the XML stays well-formed.
 */
export function cleanXml(tree: Tree, within: Range): void {
  const text = tree.bytes.toString('latin1', within.start, Math.min(within.end, within.start + most))
  if (within.end - within.start > most) tree.findings.unsure('Its XML is too long to be looked through.')
  for (const tag of text.matchAll(/<([\w:.-]{1,100})(?![\w:.-])([^<>]{0,4000})>([^<>]{0,4000})/g)) {
    const [, name = '', attributes = '', inner = ''] = tag
    const start = within.start + tag.index + 1 + name.length
    let item = ''
    for (const one of attributes.matchAll(/(?<![\w:.-])([\w:.-]{1,100})\s{0,9}=\s{0,9}("[^"]*"|'[^']*')/g)) {
      const [all, key = '', quoted = ''] = one
      const value = quoted.slice(1, -1)
      if (key.toLowerCase() === 'name') item = value
      const kind = kindOfName(key === 'value' ? item : key)
      if (kind) hide(tree, kind, start + one.index + all.length - 1 - value.length, value)
    }
    const kind = kindOfName(name)
    if (kind) hide(tree, kind, start + attributes.length + 1, inner)
  }
}

const most = 1024 * 1024

function hide({ findings }: Tree, kind: 'location' | 'identifiers' | 'other', start: number, value: string) {
  if (value.trim() !== '') findings.overwrite(kind, start, Buffer.alloc(value.length, ' '))
}
