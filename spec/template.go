package spec

import "strings"

// IsTemplate reports whether text is to be filled in by the plan: {{.Version}}. These
// may be templates: labels, annotations, env of builds and images, ldflags, entrypoint,
// cmd, user, workdir, base, go.image and the image of a file. [Spec.Validate] does not
// judge the form of one: what comes of it is judged by [CheckImage], [CheckToolchain],
// [CheckUser] and [CheckPath].
func IsTemplate(text string) bool { return strings.Contains(text, "{{") }

// untemplated reports text that would be a template, where none is filled in, and says so.
func (v *validator) untemplated(at keyPath, text string) bool {
	if !IsTemplate(text) {
		return true
	}
	v.value(at, "bad-template", "", "%s: templates are not filled in here", quote(text))
	return false
}
