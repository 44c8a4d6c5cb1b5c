import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

export interface TestBrowser extends AsyncDisposable {
  browser: Browser
}

/**
 * A headless Chromium: on Linux the one that comes as an npm package, elsewhere an installed Chrome.
 * Resolves with the reason, for a test to skip with, where neither is to be had.
 */
export async function launchBrowser(): Promise<TestBrowser | string> {
  // The packaged browser unpacks itself and writes its profile below TMPDIR: a place of its own, gone afterwards.
  const directory = await mkdtemp(join(tmpdir(), 'tintype-browser-'))
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 5 })
  try {
    const browser = await (isPackaged() ? launchPackaged(directory) : chromium.launch({ channel: 'chrome' }))
    return {
      browser,
      async [Symbol.asyncDispose]() {
        await browser.close()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    const [reason] = String(error).split('\n')
    return `no browser can be started here: ${reason}`
  }
}

const isPackaged = () => process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)

async function launchPackaged(directory: string): Promise<Browser> {
  const { TMPDIR } = process.env
  process.env.TMPDIR = directory
  try {
    const { default: packaged } = await import('@sparticuz/chromium')
    const executablePath = await packaged.executablePath()
    return await chromium.launch({ executablePath, env: { ...process.env, TMPDIR: directory } })
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = TMPDIR
  }
}
