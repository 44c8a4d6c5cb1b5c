import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** What is used of puppeteer-core, which is installed in a folder of its own. */
export interface FirefoxPage {
  goto(url: string): Promise<unknown>
  reload(): Promise<unknown>
  goBack(): Promise<unknown>
  url(): string
  locator(selector: string): FirefoxLocator
  $(selector: string): Promise<{ uploadFile(...paths: string[]): Promise<void> } | null>
  $$eval<T>(selector: string, look: (elements: Element[]) => T): Promise<T>
  evaluate<T, Given extends unknown[]>(look: (...given: Given) => T, ...given: Given): Promise<Awaited<T>>
  keyboard: { press(key: string): Promise<void> }
  /** Within the window alone. */
  mouse: {
    move(x: number, y: number, options?: { steps: number }): Promise<void>
    down(): Promise<void>
    up(): Promise<void>
  }
  setViewport(size: { width: number; height: number }): Promise<void>
  setRequestInterception(isOn: boolean): Promise<void>
  on(event: 'dialog', listener: (dialog: { accept(): Promise<void> }) => void): void
  on(event: 'request', listener: (request: FirefoxRequest) => void): void
  on(event: 'console', listener: (message: { type(): string; text(): string }) => void): void
  on(event: 'pageerror', listener: (error: unknown) => void): void
}

export interface FirefoxRequest {
  method(): string
  url(): string
  abort(): Promise<void>
  respond(answer: { contentType: string; body: string }): Promise<void>
  continue(): Promise<void>
}

export interface FirefoxLocator {
  wait(): Promise<unknown>
  click(): Promise<void>
  fill(text: string): Promise<void>
}

export interface Firefox extends AsyncDisposable {
  newPage(): Promise<FirefoxPage>
}

/** By role and name, as a reader of the screen finds it. */
export const named = (role: string, name: string) => `::-p-aria([role="${role}"][name="${name}"])`

const driver = fileURLToPath(new URL('driver/', import.meta.url))

/** The Firefox of the system, without a window; or the reason to skip. */
export async function launchFirefox(): Promise<Firefox | string> {
  const found = ['firefox-esr', 'firefox'].flatMap((program) => {
    try {
      return [
        execFileSync('which', [program], { stdio: ['ignore', 'pipe', 'ignore'] })
          .toString()
          .trim(),
      ]
    } catch {
      return []
    }
  })
  const [executablePath] = found
  if (executablePath === undefined) return 'no Firefox is installed'
  if (!existsSync(join(driver, 'node_modules'))) {
    console.log('Installing puppeteer-core into test/firefox/driver ...')
    execFileSync('npm', ['ci', '--no-workspaces', '--no-audit', '--no-fund', '--loglevel=error'], {
      ...{ cwd: driver, stdio: 'inherit' },
    })
  }
  const { resolve } = createRequire(join(driver, 'package.json'))
  const { default: puppeteer } = await import(pathToFileURL(resolve('puppeteer-core')).href)
  const browser = await puppeteer.launch({ browser: 'firefox', executablePath, headless: true })
  return {
    newPage: () => browser.newPage(),
    [Symbol.asyncDispose]: () => browser.close(),
  }
}
