import { upload } from '@tintype/client'
import { offer } from './offer.mjs'

offer((file) => upload(file, { endpoint: '/api' }))
