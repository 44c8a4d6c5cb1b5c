import { testExample } from '../suite.ts'

testExample({
  name: 'Express 4',
  load: () => import('./app.ts'),
  signIn: (_url, user) => ({ Authorization: `Bearer of-${user}` }),
  hasOwnRoute: true,
  hasForm: false,
})
