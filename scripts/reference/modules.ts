/** The public packages, with what a reader looks for first. */
export const modules = [
  {
    name: 'tintype',
    file: 'packages/tintype/src/index.ts',
    project: 'tsconfig.json',
    about: 'The library: `npm i tintype`.',
    first: [
      'createTintype',
      'TintypeOptions',
      'BucketOptions',
      'Tintype',
      'UploadOptions',
      'MediaApi',
      'Media',
    ],
  },
  {
    name: '@tintype/client',
    file: 'packages/client/src/index.ts',
    project: 'packages/client/tsconfig.json',
    about: 'Uploads from a browser or Node. [client.md](client.md) is the guide.',
    first: ['upload', 'UploadOptions', 'createUploads', 'UploadsOptions', 'Uploads', 'UploadItem'],
  },
  {
    name: '@tintype/client/library',
    file: 'packages/client/src/library.ts',
    project: 'packages/client/tsconfig.json',
    about:
      'What is in a server: list, change, remove, restore, hear of changes. [client.md](client.md#the-library) is the guide.',
    first: ['createLibrary', 'LibraryOptions', 'Library', 'LibraryQuery', 'LibraryEvent'],
  },
  {
    name: '@tintype/client/images',
    file: 'packages/client/src/images.ts',
    project: 'packages/client/tsconfig.json',
    about: 'Pictures as wide as they are shown. [pictures.md](pictures.md#in-a-page) is the guide.',
    first: ['srcset', 'sizes'],
  },
  {
    name: '@tintype/client/react',
    file: 'packages/client/src/react.ts',
    project: 'packages/client/tsconfig.json',
    about: 'The same queue as a React hook.',
    first: [],
  },
  {
    name: '@tintype/local-s3',
    file: 'packages/local-s3/src/index.ts',
    project: 'tsconfig.json',
    about: 'The embedded S3, for development and tests.',
    first: ['startLocalS3', 'createLocalS3', 'LocalS3Options', 'LocalS3'],
  },
  {
    name: '@tintype/aws',
    file: 'packages/aws/src/index.ts',
    project: 'tsconfig.json',
    about: 'Sets up bucket, policy and key. Most people use it as `tintype aws`: [aws.md](aws.md).',
    first: ['readOptions', 'SetupOptions', 'desiredResources', 'plan', 'apply'],
  },
] as const
