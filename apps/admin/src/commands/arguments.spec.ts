import { MODELS } from '#libs/read-models'
import { ArgumentError, readArguments } from './arguments.js'
import { helpOf } from './help.js'
import { commands } from './table.js'

const none = { model: undefined, swap: false, 'swap-anyway': false, anew: false, 'drop-old': false, discard: false }

test.each([
  ['rebuild', 'rebuild', none],
  ['rebuild --model all --swap', 'rebuild', { ...none, model: ['all'], swap: true }],
  ['rebuild --model current --model history', 'rebuild', { ...none, model: ['history', 'current'] }],
  [
    'rebuild --model=rules,current --swap-anyway --anew',
    'rebuild',
    { ...none, model: ['current', 'rules'], 'swap-anyway': true, anew: true },
  ],
  ['rebuild --drop-old', 'rebuild', { ...none, 'drop-old': true }],
  ['rebuild --discard', 'rebuild', { ...none, discard: true }],
  ['rebuild index', 'rebuild index', { 'discard-pending': false }],
  ['rebuild index --discard-pending', 'rebuild index', { 'discard-pending': true }],
  ['verify', 'verify', {}],
])('shiplog-admin %s is parsed', (line, name, values) => {
  expect(readArguments(line.split(' '), commands)).toMatchObject({ command: { name }, values })
})

test.each(['--help', '-h', 'help', 'rebuild -h', 'help rebuild'])('shiplog-admin %s prints the help', line => {
  expect(readArguments(line.split(' '), commands)).toBe('help')
})

test.each([
  ['', 'no command was given'],
  ['deploy', 'unknown command deploy'],
  ['deploy it', 'unknown command deploy'],
  ['rebuild everything', 'rebuild does not accept everything'],
  ['rebuild --model histroy', 'unknown --model histroy: expected history, current'],
  ['rebuild --now', "Unknown option '--now'"],
  ['rebuild --drop-old --swap', '--drop-old cannot be combined with --swap'],
  ['rebuild index --swap', 'rebuild index does not accept --swap'],
  ['rebuild index history', 'rebuild index does not accept history'],
  ['rebuild --discard-pending', 'rebuild does not accept --discard-pending'],
  ['verify index', 'verify does not accept index'],
  ['verify --swap', 'verify does not accept --swap'],
])('shiplog-admin %s is rejected', (line, reason) => {
  const read = () => readArguments(line.split(' ').filter(Boolean), commands)
  expect(read).toThrow(ArgumentError)
  expect(read).toThrow(reason)
})

test('the help names every command, option and model', () => {
  const help = helpOf(commands)
  const options = commands.flatMap(command => Object.keys(command.options).map(name => `--${name}`))
  expect([...commands.map(({ name }) => name), ...options, ...MODELS].filter(word => !help.includes(word))).toEqual([])
})
