import {
  type Configured,
  type ConfiguredVariant,
  createConfigured as createFullyConfigured,
} from '../../packages/tintype/src/derive/configured.ts'

export * from '../../packages/tintype/src/derive/configured.ts'

/** What is configured, of which nothing is made: without a decoder each would be tried, and fail, in the background. */
export function createConfigured(all: readonly ConfiguredVariant[]): Configured {
  return { ...createFullyConfigured(all), jobsFor: () => [] }
}
