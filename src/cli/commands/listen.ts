/** `listen` as it is typed. */
import { type Command, commonOf, meeting } from '../command.ts'
import { raw } from '../network.ts'
import * as option from '../options.ts'

export const listenCommand: Command = {
  verb: 'listen',
  summary: 'the other end of connect: one peer on stdin and stdout',
  operands: ['TOPIC'],
  options: [option.keep, raw, ...meeting],
  examples: [['lswarm listen door > letter', 'waits for echo hello | lswarm connect door']],
  run: async (context, args) =>
    (await import('../../verbs/listen.ts')).listen(context, {
      ...commonOf(args),
      keep: args.get(option.keep),
    }),
}
