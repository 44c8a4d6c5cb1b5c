import type { Scenario } from '../harness/scenario.ts'
import { cleaning12mp } from './cleaning-12mp.ts'
import { form200k } from './form-200k.ts'
import { hooks200k } from './hooks-200k.ts'
import { listing } from './listing.ts'
import { pageOfTiles } from './page-of-tiles.ts'
import { photo12mp } from './photo-12mp.ts'
import { presign } from './presign.ts'
import { resumable } from './resumable.ts'
import { storm } from './storm.ts'
import { stream2g } from './stream-2g.ts'
import { undo } from './undo.ts'
import { untilView } from './until-view.ts'
import { waitingPhotos } from './waiting-photos.ts'

/** In the order in which they are run and reported. */
export const scenarios: Scenario[] = [
  form200k,
  hooks200k,
  undo,
  photo12mp,
  cleaning12mp,
  pageOfTiles,
  waitingPhotos,
  untilView,
  stream2g,
  resumable,
  storm,
  listing,
  presign,
]
