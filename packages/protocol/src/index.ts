export * from './errors.ts'
export * from './media.ts'
export * from './routes.ts'
export * from './uploads.ts'
