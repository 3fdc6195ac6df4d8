/** `join` as it is typed. */
import { type Command, commonOf, linesOf, meeting } from '../command.ts'
import * as option from '../options.ts'

export const joinCommand: Command = {
  verb: 'join',
  summary: 'every line of stdin to every peer, every line of every peer to stdout',
  operands: ['TOPIC'],
  options: [
    option.count,
    option.to,
    ...Object.values(option.join),
    ...Object.values(option.chat),
    option.prefix,
    option.nul,
    option.keep,
    option.noWait,
    ...meeting,
  ],
  examples: [
    ['lswarm join room', 'chat, or listen'],
    ['make 2>&1 | lswarm join build --name ci', 'show a build to everyone who joins'],
    ["lswarm join room -d --prefix '[%n] ' | grep error", 'the lines of others, with their authors'],
  ],
  run: async (context, args) =>
    (await import('../../verbs/join.ts')).join(context, {
      ...commonOf(args),
      count: args.get(option.count),
      to: args.get(option.to),
      deaf: args.get(option.join.deaf),
      ...linesOf(args),
      slow: args.get(option.join.slow),
      lingerMs: args.get(option.join.linger),
      keep: args.get(option.keep),
      noWait: args.get(option.noWait),
    }),
}
