-- How often a stream that breaks is continued on another deployment. 0: never, it ends with an error.
ALTER TABLE routes ADD COLUMN continuations smallint NOT NULL DEFAULT 0 CHECK (continuations BETWEEN 0 AND 3);
