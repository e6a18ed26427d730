package plan

import "github.com/acme/xbuild/spec"

// Rule is a kind of mistake or warning that is seen only beyond the spec: in the source, in
// the request, in what a registry or the client gives.
type Rule struct {
	spec.Rule
	Warning bool // it may stop nothing
}

// Rules are all that the plan reports, and what makes something of a plan, by name. Those that
// package spec has too (its Rules and Warnings) are not among them.
var Rules = []Rule{
	mistake("ambiguous-name", "Two main packages, or an image and a target, would have the same name: name the binaries under binaries, or the images under images."),
	mistake("bad-epoch", "SOURCE_DATE_EPOCH is not a number of seconds since 1970 that a file can have: give a decimal number, not below 0."),
	mistake("bad-module", "A go.mod or go.work that Go does not take: correct it as the message says."),
	mistake("bake-name", "A name that a bake file can't have, or that two secrets would share: name it otherwise in the spec."),
	warning("host-build", "What the spec says and a build by make leaves out: build with xbuild where it matters."),
	mistake("image-not-found", "An image that the registry does not give: correct the reference, or log in to the registry."),
	mistake("image-platform", "An image that is not for a platform of the request: take another image, or leave the platform out."),
	mistake("missing-context", "A module is replaced by a directory outside of the build context: give that with --build-context."),
	mistake("missing-secret", "A secret or an SSH agent that private modules need is not given: add --secret or --ssh as the message says."),
	warning("no-image-platform", "An image is left out for another system than Linux, since it has no base for that: name one under base."),
	mistake("no-main", "No main package is where one is looked for: correct main, or the build context."),
	mistake("no-make-target", "A binary that a Makefile has no name for: name it or its directory otherwise."),
	mistake("no-make-text", "What a Makefile can't say: write it in plainer words, or leave it out."),
	mistake("no-package", "A pattern under test.packages that no module holds packages of: correct the pattern, or the build context."),
	mistake("no-target", "Several images and nothing says which is meant: set default, or give --target."),
	warning("not-in-dockerfile", "What a plain Dockerfile can't say: leave it out of the spec, or build with xbuild."),
	mistake("not-main", "A binary's package is no main package on one of the platforms: correct main, or leave the platform out."),
	warning("old-builder", "A builder without features that make builds faster or more exact: update BuildKit."),
	mistake("old-toolchain", "The toolchain is older than the Go that go.mod requires: raise go.version or go.image, or leave them out."),
	mistake("platform-not-supported", "The request asks for a platform that is not under platforms: add it there, or ask for another."),
	mistake("unknown-call", "The client asks what xbuild does not answer: ask one of what the message lists."),
	mistake("unknown-path", "A path that no file of the image has: name one of those that the message lists."),
	mistake("unknown-target", "A target that the spec does not have: name an image, or one of binaries, dist, test, vet, deps."),
}

func mistake(name, doc string) Rule { return Rule{Rule: spec.Rule{Name: name, Doc: doc}} }

func warning(name, doc string) Rule {
	return Rule{Rule: spec.Rule{Name: name, Doc: doc}, Warning: true}
}
