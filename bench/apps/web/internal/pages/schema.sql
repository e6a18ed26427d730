CREATE TABLE IF NOT EXISTS pages (
	name    TEXT    NOT NULL,
	version INTEGER NOT NULL,
	text    TEXT    NOT NULL,
	saved   INTEGER NOT NULL, -- seconds since 1970
	PRIMARY KEY (name, version)
) WITHOUT ROWID;
