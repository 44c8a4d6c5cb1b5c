import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { describe, test } from 'node:test'

const root = new URL('..', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')
const packages = globSync('packages/*/package.json', { cwd: root }).map((file) => {
  const manifest = JSON.parse(read(file)) as Record<string, unknown>
  return { folder: file.replace('/package.json', ''), name: String(manifest.name), manifest }
})

describe('what npm shows of each package', () => {
  assert.ok(packages.length >= 7)
  for (const { folder, name, manifest } of packages) {
    test(`${name}: a README of one shape`, () => {
      const readme = read(`${folder}/README.md`)
      assert.ok(readme.startsWith(`# ${name}\n\n`), 'its name')
      // What it is, and why one would want it, come before the first section.
      const [beginning = '', ...sections] = readme.split(/^## /m)
      assert.ok(beginning.split('\n\n').length >= 3, 'what and why')
      const titles = sections.map((section) => section.split('\n', 1)[0])
      assert.deepEqual(titles.slice(0, 2), ['Install', 'Ten lines'])
      assert.equal(titles.at(-1), 'Related')
      assert.match(sections[0] ?? '', /^(npm install|npx) /m)
      assert.match(sections[1] ?? '', /```(ts|sh)\n/)
    })

    test(`${name}: a description, keywords, a licence and its files`, () => {
      const { description, keywords, license, files } = manifest as Record<string, string>
      assert.match(description ?? '', /^[A-Z].*\.$/)
      assert.ok((keywords?.length ?? 0) >= 5)
      assert.equal(license, 'MIT')
      assert.ok(files?.includes('dist'))
      assert.equal(files?.includes('bin'), existsSync(new URL(`${folder}/bin`, root)))
    })

    test(`${name}: says what bundlers, tools and npm ask for`, () => {
      const { exports, sideEffects, publishConfig, engines } = manifest as Record<
        string,
        Record<string, string>
      >
      assert.equal(exports?.['./package.json'], './package.json')
      const isLibrary = Object.values(exports ?? {}).some((file) => file.endsWith('.ts'))
      // To import the elements defines them: a bundler must not leave that out.
      const elements = ['src', 'dist'].flatMap((folder) => {
        const ending = folder === 'src' ? 'ts' : 'js'
        return [`./${folder}/element.${ending}`, `./${folder}/element/*.${ending}`]
      })
      const defining = name === '@tintype/client' ? elements : false
      assert.deepEqual(sideEffects, isLibrary ? defining : undefined)
      assert.deepEqual(publishConfig, { access: 'public', provenance: true })
      assert.ok(engines?.node)
    })

    test(`${name}: ranges for what others depend on, exact versions for ourselves`, () => {
      const { dependencies = {}, devDependencies = {} } = manifest as Record<string, Record<string, string>>
      for (const [of, range] of Object.entries(dependencies)) assert.match(range, /^\^\d/, of)
      for (const [of, version] of Object.entries(devDependencies)) assert.match(version, /^\d/, of)
    })
  }
})

test('every example has a picture, a README of about ten lines, and a place in the list', () => {
  const list = read('examples/README.md')
  const folders = globSync('examples/*/package.json', { cwd: root }).map((file) =>
    file.replace('/package.json', ''),
  )
  assert.ok(folders.length >= 15)
  for (const folder of folders) {
    const readme = read(`${folder}/README.md`)
    const [title, picture = ''] = readme.split('\n\n')
    assert.match(title ?? '', /^# \S/, folder)
    assert.match(picture, /^!\[[^\]]{20,}\]\(page\.webp\)$/, folder)
    assert.ok(statSync(new URL(`${folder}/page.webp`, root)).size < 15_000, folder)
    const lines = readme.split('\n').filter(Boolean).length
    assert.ok(lines <= 13, `${folder}/README.md has ${lines} lines: what explains belongs into docs/`)
    assert.match(readme, /\]\(\.\.\/\.\.\/docs\/[\w-]+\.md/, folder)
    assert.ok(list.includes(`](${folder.replace('examples/', '')}/README.md)`), folder)
  }
})

test('no example is built by a file of the repository: its folder can be copied out', () => {
  const files = globSync('examples/*/*.json', { cwd: root, exclude: ['**/package-lock.json'] })
  assert.ok(files.length >= 15)
  assert.deepEqual(
    files.filter((file) => read(file).includes('"../')),
    [],
  )
})
