/**
 * How much the tests of this folder do. `TEST_CRASH=medium` is for where there are minutes; what takes longer still
 * is `npm run crash`.
 */
export const extent =
  process.env.TEST_CRASH === 'medium'
    ? { kills: 16, modelRuns: 2, commands: 20, skipControls: false as const }
    : { kills: 6, modelRuns: 1, commands: 10, skipControls: 'TEST_CRASH=medium runs it' }
