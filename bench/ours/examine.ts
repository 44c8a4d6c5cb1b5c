import {
  createExamine as createFullExamine,
  type Examine,
  type ExamineOptions,
} from '../../packages/tintype/src/intake/examine.ts'
import type { Decoder } from '../../packages/tintype/src/variants/decoder.ts'

export * from '../../packages/tintype/src/intake/examine.ts'

/** The server's own examination with a decoder that looks at nothing, and therefore without a thumb. */
export function createExamine(options: ExamineOptions): Examine {
  const examine = createFullExamine({ ...options, decoder: blind })
  return async (file, requester) => {
    const examined = await examine(file, requester)
    return { ...examined, objects: [examined.objects[0]] }
  }
}

const blind: Decoder = {
  waiting: 0,
  async decode() {
    return { ok: true, width: 1, height: 1, pictures: [], placeholder: '' }
  },
  async close() {},
}
