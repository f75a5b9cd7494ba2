import type { MigrationInterface, QueryRunner } from 'typeorm'

/** The versions of the deciders whose states the tables store. Without one they are projected again. */
export class StateVersions1764700000028 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE state_version (
        category text COLLATE "C" NOT NULL,
        version integer NOT NULL,
        CONSTRAINT state_version_pkey PRIMARY KEY (category)
      );
      COMMENT ON TABLE state_version IS 'Versions of the deciders whose states the read models store.';
      COMMENT ON COLUMN state_version.category IS 'Category of the decider.';
      COMMENT ON COLUMN state_version.version IS 'Its stateVersion when the read models were projected.';
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE state_version')
  }
}
