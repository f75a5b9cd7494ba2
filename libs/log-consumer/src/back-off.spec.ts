import { backOffMs } from './back-off.js'

test('backOffMs doubles the pause between attempts up to 5 s', () => {
  expect([0, 1, 2, 3, 4, 5, 6, 60].map(backOffMs)).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000])
})
