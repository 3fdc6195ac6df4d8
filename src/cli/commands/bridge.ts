/** `bridge` as it is typed. */
import { type Command, commonOf, meeting } from '../command.ts'
import * as option from '../options.ts'

export const bridgeCommand: Command = {
  verb: 'bridge',
  summary: 'let the peers of a topic on this machine meet those beyond it',
  operands: ['TOPIC'],
  options: [option.progress, ...meeting],
  examples: [['lswarm bridge room --lan --key-file key', 'join, send, exec and sub need no --lan then']],
  run: async (context, args) => (await import('../../verbs/bridge.ts')).bridge(context, commonOf(args)),
}
