package inventory

// Action is what happened to a resource.
type Action string

const (
	Added   Action = "added"
	Changed Action = "changed"
	Removed Action = "removed"
)

// Change is one difference between two snapshots.
type Change struct {
	Action   Action   `json:"action"`
	Resource Resource `json:"resource"` // as it was, when removed; else as it is
}

// Diff gives what leads from one snapshot to the next, in the order of IDs.
func Diff(from, to Snapshot) []Change {
	var changes []Change
	a, b := from.Resources, to.Resources
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Compare(b[0].ID) < 0:
			changes = append(changes, Change{Removed, a[0]})
			a = a[1:]
		case len(a) == 0 || a[0].Compare(b[0].ID) > 0:
			changes = append(changes, Change{Added, b[0]})
			b = b[1:]
		default:
			if !a[0].Equal(b[0]) {
				changes = append(changes, Change{Changed, b[0]})
			}
			a, b = a[1:], b[1:]
		}
	}
	return changes
}
