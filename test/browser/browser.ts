import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { unpacked } from './unpacked.ts'

export interface TestBrowser extends AsyncDisposable {
  browser: Browser
}

/**
 * A headless Chromium: on Linux the one that comes as an npm package, elsewhere an installed Chrome.
 * Resolves with the reason, for a test to skip with, where neither is to be had.
 */
export async function launchBrowser(args: string[] = []): Promise<TestBrowser | string> {
  // The packaged browser writes its profile below TMPDIR: a place of its own, gone afterwards.
  const directory = await mkdtemp(join(tmpdir(), 'tintype-browser-'))
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 5 })
  try {
    const browser = await (isPackaged()
      ? launchPackaged(directory, args)
      : chromium.launch({ channel: 'chrome', args }))
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

/** A browser of its own with a profile that lasts as long as it: what private windows don't keep, this one does. */
export async function openProfile(
  args: string[] = [],
): Promise<{ context: BrowserContext } & AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), 'tintype-profile-'))
  const profile = join(directory, 'profile')
  const context = await (isPackaged()
    ? packagedOptions(directory, (options) => chromium.launchPersistentContext(profile, { ...options, args }))
    : chromium.launchPersistentContext(profile, { channel: 'chrome', args }))
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close()
      await rm(directory, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

const isPackaged = () => process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch)

const launchPackaged = (directory: string, args: string[]): Promise<Browser> =>
  packagedOptions(directory, (options) => chromium.launch({ ...options, args }))

/** Runs the packaged browser with `directory` as its TMPDIR. */
async function packagedOptions<T>(
  directory: string,
  launch: (options: { executablePath: string; env: Record<string, string> }) => Promise<T>,
): Promise<T> {
  const executablePath = await unpacked()
  return launch({ executablePath, env: { ...(process.env as Record<string, string>), TMPDIR: directory } })
}
