import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { BrowserContextOptions } from 'playwright-core'
import { fillLibrary } from '../../test/gallery/many-photos.ts'
import { type ServerProcess, startProcess } from '../../test/support/process.ts'
import { installEarlier } from '../harness/before.ts'

/** A ready server whose page is measured. */
export interface Gallery {
  label: string
  /** It has a grid alone: no outline, no sizes, no addresses of photos, no Undo. */
  isEarlier: boolean
  start(data: string): Promise<ServerProcess>
  /** Rows of photos without objects, into the database of a server that does not run. */
  fill(data: string, photos: number): Promise<void>
}

export const today: Gallery = {
  label: 'this version',
  isEarlier: false,
  start: (data) => startProcess({ TINTYPE_DATA: data, UNDO_WINDOW: '3600' }),
  fill: (data, photos) => fillLibrary(join(data, 'tintype.db'), photos),
}

/** The gallery as it was at a commit that has the first page's tables. */
export function galleryOf(commit: string): Gallery {
  const root = installEarlier(commit)
  if (!existsSync(join(root, 'packages/gallery/dist/index.html'))) {
    execFileSync('npm', ['run', 'build', '--silent', '-w', '@tintype/gallery'], {
      cwd: root,
      stdio: 'ignore',
    })
  }
  const program = [join(root, 'packages/tintype/bin/tintype.js'), 'serve']
  return {
    label: `${commit}, before all that`,
    isEarlier: true,
    start: (data) => startProcess({ TINTYPE_DATA: data }, { program }),
    async fill(data, photos) {
      const now = join(data, 'now.db')
      await fillLibrary(now, photos)
      using db = new DatabaseSync(join(data, 'tintype.db'))
      db.prepare('attach ? as now').run(now)
      const columns =
        'id, owner, key, kind, type, bytes, sha256, width, height, name, placeholder, created_at'
      db.exec(`insert into media (${columns}) select ${columns} from now.tintype_media`)
    },
  }
}

export const desktop: BrowserContextOptions = { viewport: { width: 1440, height: 900 } }
export const phone: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 3,
  isMobile: true,
  hasTouch: true,
}

/** Buttons that open a photo, and pictures that are shown in them. */
export const opener = '.tile button[id^="tile-"]'
export const shown = `${opener} img[data-shown="true"]`

/** The photo that is open, once it is sharp. */
export const frameOf = ({ isEarlier }: Gallery) =>
  `${isEarlier ? '.viewer' : '.current'} .frame[data-shown="true"]`
