/** Every warning of DIAGNOSTICS about messages of `pub` and `sub` is raised. */
import { raiseEach } from './helpers/raise.ts'
import { messages } from './helpers/raised.ts'

raiseEach(messages)
