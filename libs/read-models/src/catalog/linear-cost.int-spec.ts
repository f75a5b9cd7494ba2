import { hardShapes, type Shape } from '#test/specs/shapes/hard-shapes'
import { projectShape, ShapeModels } from '#test/specs/shapes/projected-shape'
import { eventsOfCommands } from '#test/specs/shapes/shape-log'
import type { ReadModels } from '../index.js'

const FEW = 240
const GROWTH = 4
const BATCH = 60
/** As many deployments are recorded and as many changed as one of these batches has. */
const LARGE_BATCH = 500

/** The allowed growth for GROWTH times the events. An index may get one level deeper, which is not counted here. */
const MOST = 5
/**
 * An open transaction of another test, in whichever database, keeps index entries of older row versions, too, and inflates a count (Postgres
 * takes the xmin of a snapshot for what must be kept). Nothing deflates one: a shape that fails each time is not linear.
 */
const ATTEMPTS = 3

/** Rows that a projection has read from indexes and tables or written: a measure of its cost that does not depend on the machine. */
const TOUCHED = `
  SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes)
    + (SELECT sum(seq_tup_read + n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_user_tables) AS rows`

// While it works on a table, its snapshot keeps index entries of older row versions, and lookups pass over them (docs/adr/0024).
const WITHOUT_AUTOVACUUM = `
  DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'read_v1' LOOP
      EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = false)', name);
    END LOOP;
  END $$`

let models: ShapeModels

beforeAll(async () => {
  models = await ShapeModels.start()
  await models.readModels.query({ text: WITHOUT_AUTOVACUUM, values: [] })
})
afterAll(() => models.end())

describe('rows touched by a projection', () => {
  test.each(hardShapes.map(shape => [shape.name, shape] as const))(
    'grow at most linearly with the number of events: %s',
    async (_, shape) => {
      let growth = Infinity
      for (let attempt = 0; attempt < ATTEMPTS && growth >= MOST; attempt++) {
        const few = await rowsTouched(shape, FEW)
        expect(few).toBeGreaterThanOrEqual(FEW)
        growth = Math.min(growth, (await rowsTouched(shape, FEW * GROWTH)) / few)
      }
      expect(growth).toBeLessThan(MOST)
    },
  )

  // What a batch has moved away leaves index entries that no lookup of its transaction can skip.
  test.each(hardShapes.flatMap(shape => (/corrected/.test(shape.name) ? [[shape.name, shape] as const] : [])))(
    'does not grow with the batch: %s',
    async (_, shape) => {
      const [small, large] = [
        await rowsTouched(shape, 2 * LARGE_BATCH),
        await rowsTouched(shape, 2 * LARGE_BATCH, LARGE_BATCH),
      ]
      expect(large).toBeLessThan(small)
    },
  )
})

async function rowsTouched(shape: Shape, events: number, batch = BATCH): Promise<number> {
  const { readModels } = models
  await models.empty()
  const before = await touched(readModels)
  await projectShape(readModels, eventsOfCommands(shape.commands(events / shape.eventsEach)), batch)
  return (await touched(readModels)) - before
}

async function touched({ query }: ReadModels): Promise<number> {
  await query({ text: 'SELECT pg_stat_force_next_flush()', values: [] })
  const [row] = await query<{ rows: string }>({ text: TOUCHED, values: [] })
  return Number(row!.rows)
}
