import type { MigrationInterface, QueryRunner } from 'typeorm'

/** Marks the intervals that begin the stretch of a tag, so that its start is one lookup, however often the tag was deployed again. */
export class RunningSince1764750000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE deployment_interval ADD COLUMN new_tag boolean NOT NULL DEFAULT false;
      UPDATE deployment_interval s SET new_tag = true FROM (
        SELECT ctid, image_tag, lag(image_tag) OVER (PARTITION BY tenant, application, environment_name ORDER BY from_at) AS tag_before
        FROM deployment_interval
      ) following WHERE s.ctid = following.ctid AND following.image_tag IS NOT NULL
        AND following.image_tag IS DISTINCT FROM following.tag_before;
      ALTER TABLE deployment_interval ALTER COLUMN new_tag DROP DEFAULT;
      CREATE INDEX deployment_interval_by_new_tag
        ON deployment_interval (tenant, application, environment_name, new_tag, from_at) WHERE new_tag;
      COMMENT ON COLUMN deployment_interval.new_tag IS
        'Whether its tag begins to be active: the previous interval of the slot has another tag, or none.';
    `)
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX deployment_interval_by_new_tag;
      ALTER TABLE deployment_interval DROP COLUMN new_tag;
    `)
  }
}
