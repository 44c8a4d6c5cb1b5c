import { upload } from '@tintype/client'

Object.assign(globalThis, { upload })
