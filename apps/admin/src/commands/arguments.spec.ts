import { MODELS } from '#libs/read-models'
import { ArgumentError, help, readArguments } from './arguments.js'

const all = { name: 'rebuild', models: MODELS, swap: 'no', anew: false }

test.each([
  ['rebuild', all],
  ['rebuild --model all --swap', { ...all, swap: 'when equal' }],
  ['rebuild --model current --model history', { ...all, models: ['history', 'current'] }],
  [
    'rebuild --model=rules,current --swap-anyway --anew',
    { name: 'rebuild', models: ['current', 'rules'], swap: 'anyway', anew: true },
  ],
  ['rebuild --drop-old', { name: 'drop old' }],
  ['rebuild --discard', { name: 'discard' }],
  ['rebuild index', { name: 'rebuild index', discardPending: false }],
  ['rebuild index --discard-pending', { name: 'rebuild index', discardPending: true }],
  ['verify', { name: 'verify' }],
  ['--help', { name: 'help' }],
  ['rebuild -h', { name: 'help' }],
])('shiplog %s', (line, expected) => {
  expect(readArguments(line.split(' '))).toEqual(expected)
})

test.each([
  ['', 'no command'],
  ['deploy', 'no command deploy'],
  ['deploy it', 'no command deploy'],
  ['rebuild everything', 'rebuild takes no everything'],
  ['rebuild --model histroy', 'no model histroy: there are history'],
  ['rebuild --now', "Unknown option '--now'"],
  ['rebuild --drop-old --swap', '--drop-old stands alone'],
  ['rebuild index --swap', 'rebuild index takes no --swap'],
  ['rebuild index history', 'rebuild takes no index history'],
  ['rebuild --discard-pending', '--discard-pending is for rebuild index'],
  ['verify index', 'verify takes no index'],
  ['verify --swap', 'verify takes no --swap'],
])('shiplog %s is refused', (line, reason) => {
  const read = () => readArguments(line.split(' ').filter(Boolean))
  expect(read).toThrow(ArgumentError)
  expect(read).toThrow(reason)
})

test('the help names every model', () => {
  expect(MODELS.filter(model => !help.includes(model))).toEqual([])
})
