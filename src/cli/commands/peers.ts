/** `peers` as it is typed. */
import { type Command, commonOf, lookingAt } from '../command.ts'
import * as option from '../options.ts'

export const peersCommand: Command = {
  verb: 'peers',
  summary: 'who is on a topic',
  operands: ['TOPIC'],
  options: lookingAt,
  examples: [
    ['lswarm peers room', 'a table'],
    ['lswarm peers room --json', 'an object for each peer'],
  ],
  run: async (context, args) =>
    (await import('../../verbs/peers.ts')).peers(context, {
      ...commonOf(args),
      json: args.get(option.common.json),
    }),
}
