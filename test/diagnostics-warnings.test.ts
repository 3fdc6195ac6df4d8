/** Every warning of DIAGNOSTICS that a script can raise is raised; those of `pub` and `sub` apart. */
import { raiseEach } from './helpers/raise.ts'
import { warnings } from './helpers/raised.ts'

raiseEach(warnings)
