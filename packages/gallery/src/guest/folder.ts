import { guestLink, home } from '../home.ts'

/** In which the addresses of a guest's page lie. */
export const folder = `${home}shared/${guestLink}/`
