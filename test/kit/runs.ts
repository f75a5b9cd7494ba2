/**
 * Number of runs of a test with generated data: all of them in `npm run test:full`, a third in `npm test`. The data differ each time, and a fault
 * is mostly found by one of the first runs.
 */
export function runs(all: number): number {
  return process.env['SHIPLOG_ALL_RUNS'] === '1' ? all : Math.ceil(all / 3)
}
