package importer

func (d *draft) goreleaser() error { return nil }
