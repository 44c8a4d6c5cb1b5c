import { testExample } from '../suite.ts'

testExample({
  name: "Next's route handlers",
  load: () => import('./server.ts'),
  signIn: (_url, user) => ({ Authorization: `Bearer of-${user}` }),
  hasOwnRoute: false,
  hasForm: false,
})
