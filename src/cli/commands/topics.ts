/** `topics` as it is typed. */
import { type Command, commonOf, looking } from '../command.ts'
import * as option from '../options.ts'

export const topicsCommand: Command = {
  verb: 'topics',
  summary: 'the topics that somebody is on',
  operands: [],
  options: looking,
  examples: [['lswarm topics', 'a table']],
  run: async (context, args) =>
    (await import('../../verbs/topics.ts')).topics(context, {
      ...commonOf(args),
      json: args.get(option.common.json),
    }),
}
