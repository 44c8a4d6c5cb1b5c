import { sessionOf, testExample } from '../suite.ts'

testExample({
  name: 'Hono',
  load: () => import('./app.ts'),
  signIn: sessionOf,
  hasOwnRoute: false,
  hasForm: true,
})
