#!/usr/bin/env bash
# Chromium gives a dropped folder in parts of a hundred entries, but all others at once where one does something between the parts
#
# Expected:  readEntries is called until it gives nothing more, and in Chromium each part has a hundred entries at the most. Code that
#            opens the files of a part before it asks for the next has a hundred open at a time.
# Happens:   read without a pause, 3,000 files come as 30 parts of 100. Where the files of the first part are opened before the next is
#            asked for, that has all other 2,900: they have come meanwhile.
# Seen with: Chromium 153.0.8010.0 (@sparticuz/chromium 153.0.0).
# To do:     bound how many files are opened at a time, and don't take the parts for a bound: else thousands of answers come in one
#            task, and the page stands still.
#
# Needs bash, Node 22 or newer, npm and what Chromium needs of Linux. Exit: 0 as described, 1 no longer so, 2 could not be tried.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{"private":true}' >package.json
npm install --silent --no-audit --no-fund @sparticuz/chromium@153.0.0 playwright-core@1.65.1 ||
  { echo 'npm could not install the packages.' >&2; exit 2; }
mkdir folder
for n in $(seq 3000); do echo "$n" >"folder/$n.txt"; done

cat >check.mjs <<'END'
import { createServer } from 'node:http'
import packaged from '@sparticuz/chromium'
import { chromium } from 'playwright-core'

const browser = await chromium
  .launch({ executablePath: await packaged.executablePath(), args: packaged.args, headless: true })
  .catch((error) => {
    console.error(`Chromium does not start: ${String(error).split('\n')[0]}`)
    process.exit(2)
  })
const html = `<!doctype html><body style="height: 90vh"><script>
addEventListener('dragover', (event) => event.preventDefault())
addEventListener('drop', async (event) => {
  event.preventDefault()
  const folder = event.dataTransfer.items[0].webkitGetAsEntry()
  const read = (reader) => new Promise((...settle) => reader.readEntries(...settle))
  const open = (entry) => new Promise((...settle) => entry.file(...settle))
  const sizes = []
  for (const opens of [false, true]) {
    const reader = folder.createReader()
    let batch
    do {
      batch = await read(reader)
      if (opens) await Promise.all(batch.map(open))
      sizes.push(batch.length)
    } while (batch.length > 0)
  }
  window.sizes = sizes
})
</script>`
const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(html))
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const page = await browser.newPage()
await page.goto(`http://127.0.0.1:${server.address().port}/`)
const devtools = await page.context().newCDPSession(page)
const data = { items: [], files: [`${process.cwd()}/folder`], dragOperationsMask: 1 }
for (const type of ['dragEnter', 'dragOver', 'drop'])
  await devtools.send('Input.dispatchDragEvent', { type, x: 100, y: 100, data })
const seen = await (await page.waitForFunction('window.sizes', undefined, { timeout: 30_000 })).jsonValue()
console.log(browser.version(), seen.join(' '))
await browser.close()
const end = seen.indexOf(0)
const [atOnce, opening] = [seen.slice(0, end), seen.slice(end + 1)]
process.exit(Math.max(...atOnce) === 100 && opening[0] === 100 && opening[1] > 1000 ? 0 : 1)
END
node check.mjs
