-- The schema of the Task Tracking service. Every statement may run again on a database that has it.
CREATE TABLE IF NOT EXISTS projects (
  project_id text PRIMARY KEY CHECK (project_id ~ '^[a-z0-9][a-z0-9-]{0,99}$')
);

CREATE TABLE IF NOT EXISTS tasks (
  task_id text NOT NULL,
  project_id text NOT NULL REFERENCES projects,
  description text NOT NULL,
  generator_name text,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'in_progress', 'completed')),
  inputs jsonb NOT NULL DEFAULT '[]',
  expected_outputs jsonb NOT NULL DEFAULT '[]',
  context_notes text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  completed_at timestamptz,
  completion_notes text,
  PRIMARY KEY (project_id, task_id)
);
CREATE INDEX IF NOT EXISTS tasks_project_status_created ON tasks (project_id, status, created_at, task_id);
CREATE INDEX IF NOT EXISTS tasks_project_created ON tasks (project_id, created_at, task_id);

CREATE TABLE IF NOT EXISTS id_registry (
  artifact_type text NOT NULL,
  scope text NOT NULL,
  last_assigned_id bigint NOT NULL DEFAULT 0 CHECK (last_assigned_id >= 0),
  UNIQUE (artifact_type, scope)
);

CREATE TABLE IF NOT EXISTS id_reservations (
  reservation_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  artifact_type text NOT NULL,
  project_id text NOT NULL REFERENCES projects,
  reserved_ids jsonb NOT NULL,
  reserved_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  confirmed boolean NOT NULL DEFAULT false,
  CHECK (expires_at > reserved_at)
);
CREATE INDEX IF NOT EXISTS id_reservations_unconfirmed ON id_reservations (expires_at) WHERE NOT confirmed;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') THEN
    CREATE EXTENSION IF NOT EXISTS vector;
    CREATE TABLE IF NOT EXISTS documents (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      project_id text NOT NULL REFERENCES projects,
      content text NOT NULL,
      embedding vector(384)
    );
    CREATE INDEX IF NOT EXISTS documents_embedding ON documents USING hnsw (embedding vector_cosine_ops);
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'this role may not create the vector extension: no documents table';
END $$;
