import { sessionOf, testExample } from '../suite.ts'

testExample({
  name: 'Fastify',
  load: () => import('./app.ts'),
  signIn: sessionOf,
  hasOwnRoute: true,
  hasForm: true,
})
