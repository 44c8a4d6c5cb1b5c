import { upload } from '@tintype/client'
import { sendPoster } from '@tintype/client/posters'

Object.assign(globalThis, { upload, sendPoster })
