import { metricSum } from './metrics-text.js'

const text = `# HELP shiplog_projector_lag_events Events in the log that are not yet projected, by partition
# TYPE shiplog_projector_lag_events gauge
shiplog_projector_lag_events{partition="0"} 3
shiplog_projector_lag_events{partition="1"} 4
process_resident_memory_bytes 1.5e+8
process_resident_memory_bytes_total 7
`

describe('metricSum', () => {
  it('adds the series of a metric', () => {
    expect(metricSum(text, 'shiplog_projector_lag_events')).toBe(7)
  })

  it('does not include a metric with a longer name', () => {
    expect(metricSum(text, 'process_resident_memory_bytes')).toBe(150_000_000)
  })

  it('returns undefined for a missing metric', () => {
    expect(metricSum(text, 'shiplog_pending_events')).toBeUndefined()
  })
})
