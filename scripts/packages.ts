/** What goes to npm, by the name of its folder: each after those that it needs. */
export const packages = [
  'protocol',
  'local-s3',
  'client',
  'gallery',
  'tintype',
  'aws',
  'server',
  'crash-kit',
] as const
