-- What becomes of fields that a target has no word for: refused, left out when the caller asks for it, or left out.
ALTER TABLE routes ADD COLUMN unsupported text NOT NULL DEFAULT 'caller_decides'
    CHECK (unsupported IN ('refuse', 'caller_decides', 'drop'));
