package importer

func (d *draft) dockerfile() (string, error) { return "", nil }
