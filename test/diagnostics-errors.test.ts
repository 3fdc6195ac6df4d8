/** Every error of DIAGNOSTICS that a script can raise is raised, with its status. */
import { raiseEach } from './helpers/raise.ts'
import { errors } from './helpers/raised.ts'

raiseEach(errors)
