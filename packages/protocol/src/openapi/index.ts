export {
  apiVersion,
  type OpenApiDocument,
  openApiDocument,
  operations,
  type ServedRoute,
} from './document.ts'
export {
  type Answer,
  errors,
  type Operation,
  type Operations,
  type Parameter,
  type Schema,
} from './operation.ts'
export { schemas } from './schemas.ts'
