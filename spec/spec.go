// Package spec reads the xbuild spec: a small YAML file whose first line is
// `# syntax=acme/xbuild`. A [Spec] is plain data that can as well be built in
// Go. [Parse] keeps the place of every value and reports every mistake at once.
package spec

import (
	"cmp"
	"path"
)

// Spec is one spec file. Every field is optional: the zero Spec builds every
// main package of the module for the platforms that the request asks for.
type Spec struct {
	// Name of the project. Default: the last element of the module path.
	Name string `yaml:"name"`
	// Platforms that the project supports, as os/arch[/variant]. A request for
	// another one is refused. Default: all.
	Platforms []string `yaml:"platforms"`
	// Default is the image that a request without a target means. Default: the only image.
	Default string `yaml:"default"`

	// Go says which toolchain compiles, and how modules reach it.
	Go Go `yaml:"go"`

	// Args are the build args that a request may set, with their values where it does not.
	// Templates name one as {{.Args.channel}}.
	Args map[string]string `yaml:"args"`

	// Build holds what every binary starts from.
	Build Build `yaml:"build"`
	// Binaries by name. Default: one for each main package of the module.
	Binaries map[string]Binary `yaml:"binaries"`
	// Images by name; each is a target. Default: one for each binary.
	Images map[string]Image `yaml:"images"`

	// Dist says what the target of that name makes of the binaries.
	Dist Dist `yaml:"dist"`
	// Test says what the targets test and vet run.
	Test Test `yaml:"test"`
	// Checks are about warnings.
	Checks Checks `yaml:"checks"`
	// Cache says where compiled results are kept between machines.
	Cache Cache `yaml:"cache"`

	places places
}

// Go says which toolchain compiles.
type Go struct {
	// Version of Go, as 1.N or 1.N.P. Default: the toolchain line, else the go
	// line, of go.work or go.mod.
	Version string `yaml:"version"`
	// Image that holds the toolchain. It may be a template. Default: the official image for Version.
	Image string `yaml:"image"`
	// Env is set in every step that runs the go command. A builder with 8 GiB of free memory for each
	// processor compiles with GOGC=800, which is quicker and changes no result, and with a GOMEMLIMIT, unless one
	// of them is set here.
	Env map[string]string `yaml:"env"`
	// Proxy is where modules come from, as GOPROXY takes it. Default: the go command's.
	Proxy string `yaml:"proxy"`
	// Parallel bounds the compiles that run at once within one step, as go build -p does.
	// Default: as many as the builder has processors.
	Parallel int `yaml:"parallel"`
	// Private says how modules are fetched that are not public, by the beginning of their
	// paths: github.com/acme.
	Private map[string]Private `yaml:"private"`
}

// Private is how the modules of a host are fetched: one of its keys is set, to the id
// that the client gives the secret or SSH agent: docker buildx build --secret id=…
type Private struct {
	// Secret is the id of a secret that holds a token, or user:password.
	Secret string `yaml:"secret"`
	// Netrc is the id of a secret that holds a file as curl and git read it.
	Netrc string `yaml:"netrc"`
	// SSH is the id of an agent that the client forwards.
	SSH string `yaml:"ssh"`
}

// Build is how a binary is compiled. What build says is for every binary; a binary's own
// lists are added to it, its own values replace it. A list may be empty.
type Build struct {
	// CGo turns cgo on, and says what it takes. Default: false.
	CGo *CGo `yaml:"cgo"`
	// Flags of go build, in addition to -trimpath and -buildvcs=false.
	Flags []string `yaml:"flags" list:"added"`
	// LDFlags of the linker, in addition to -s and -w; joined by spaces. They may be
	// templates.
	LDFlags []string `yaml:"ldflags" list:"added"`
	// Tags are build tags, one each.
	Tags []string `yaml:"tags" list:"added"`
	// GCFlags are go build's -gcflags, one flag each.
	GCFlags []string `yaml:"gcflags" list:"added"`
	// ASMFlags are go build's -asmflags, one flag each.
	ASMFlags []string `yaml:"asmflags" list:"added"`
	// BuildMode is go build's -buildmode; c-archive, c-shared and plugin need CGo. Default: default.
	BuildMode string `yaml:"buildmode"`
	// PGO is go build's -pgo: auto, which takes the main package's default.pgo, off, or a
	// profile's path in the context. Default: auto.
	PGO string `yaml:"pgo"`
	// Env is set in the compile step, over go.env. Values may be templates.
	Env map[string]string `yaml:"env"`

	Levels `yaml:",inline"`
}

// Levels are levels of the instruction set, each for the architecture that it names.
type Levels struct {
	// GOAMD64 is v1 to v4. Default: what the platform's variant says, else v1.
	GOAMD64 string `yaml:"goamd64"`
	// GOARM is 5, 6 or 7, with ,softfloat or ,hardfloat. Default: what the platform's variant says, else 7.
	GOARM string `yaml:"goarm"`
	// GOARM64 is v8.0 to v9.5, with ,lse and ,crypto. Default: what the platform's variant says, else v8.0.
	GOARM64 string `yaml:"goarm64"`
	// GO386 is for 386. Default: sse2.
	GO386 string `yaml:"go386"`
	// GOMIPS is for mips and mipsle. Default: hardfloat.
	GOMIPS string `yaml:"gomips"`
	// GOMIPS64 is for mips64 and mips64le. Default: hardfloat.
	GOMIPS64 string `yaml:"gomips64"`
	// GOPPC64 is for ppc64 and ppc64le. Default: power8.
	GOPPC64 string `yaml:"goppc64"`
	// GORISCV64 is for riscv64. Default: rva20u64.
	GORISCV64 string `yaml:"goriscv64"`
}

// Binary is one program. In YAML a string stands for its Main.
type Binary struct {
	// Main is the directory of the main package, relative to the context. Required.
	Main  string `yaml:"main"`
	Build `yaml:",inline"`
	// Overrides change the build for some platforms; the later of two wins.
	Overrides []Override `yaml:"overrides"`
}

// Override is what a binary is compiled with on some platforms, besides what it is compiled
// with everywhere: lists are added to, values replace.
type Override struct {
	// Platform is a target or several: linux, linux/arm64, linux/arm/v6, */arm64. Required.
	Platform string `yaml:"platform"`
	// Flags of go build.
	Flags []string `yaml:"flags" list:"added"`
	// LDFlags of the linker. They may be templates.
	LDFlags []string `yaml:"ldflags" list:"added"`
	// Tags are build tags, one each.
	Tags []string `yaml:"tags" list:"added"`
	// Env is set in the compile step. It may hold the variables of levels too, as GOARM64, in
	// place of their keys. Values may be templates.
	Env    map[string]string `yaml:"env"`
	Levels `yaml:",inline"`
}

// CGo is how C is compiled. In YAML true and false will do, and a mapping turns cgo on.
type CGo struct {
	// Enabled is what true and false, or a mapping, say.
	Enabled bool `yaml:"-"`
	// CC is the C compiler: gcc, clang, zig, or a program of the toolchain's image that is
	// one for the target. Default: zig where the image has it, else gcc.
	CC string `yaml:"cc"`
	// Packages are installed on the build platform, by their Debian names.
	Packages []string `yaml:"packages"`
	// Libs are installed for the target, by their Debian names: libsqlite3-dev.
	Libs []string `yaml:"libs"`
	// Static links the C library in, so that the binary runs on scratch. Default: false.
	Static bool `yaml:"static"`
	// Snapshot is the time at which Debian's packages are taken, as snapshot.debian.org
	// names it. Without it images are not the same bits for ever.
	Snapshot string `yaml:"snapshot"`
}

// Image is one container image.
type Image struct {
	// Binaries that it holds. Default: the binary that is named as the image, else the only one.
	Binaries []ImageBinary `yaml:"binaries"`
	// Base is the image to build on, for every OS or by OS. Its config is inherited. It may
	// be a template. Default: scratch.
	Base Base `yaml:"base"`
	// Files to add.
	Files []File `yaml:"files"`
	// Certs adds to an image on scratch what programs expect of a system: CA
	// certificates, time zones, passwd and group with root and nonroot (65532), /tmp.
	// Default: true.
	Certs *bool `yaml:"certs"`

	// User that the program runs as, with :group if needed. It may be a template. Default:
	// the base's.
	User string `yaml:"user"`
	// Entrypoint is the program and its first arguments. They may be templates. Default: the
	// only binary, else the one named as the image.
	Entrypoint []string `yaml:"entrypoint"`
	// Cmd holds the arguments that follow where whoever runs the image gives none. They may
	// be templates. Default: the base's.
	Cmd []string `yaml:"cmd"`
	// Env is the program's environment, in addition to the base's. Values may be templates.
	Env map[string]string `yaml:"env"`
	// WorkDir is the directory that the program starts in. It may be a template. Default:
	// the base's.
	WorkDir string `yaml:"workdir"`
	// Ports that the program listens on: 8080, 8080/tcp, 53/udp, 8000-8010.
	Ports []string `yaml:"ports"`
	// Volumes are the directories that hold data.
	Volumes []string `yaml:"volumes"`
	// Labels of the config, in addition to the base's. Values may be templates.
	Labels map[string]string `yaml:"labels"`
	// Annotations of the manifest. A key may begin with what it annotates, as buildx
	// writes it: index:org.opencontainers.image.title. Values may be templates.
	Annotations map[string]string `yaml:"annotations"`
	// StopSignal is what stops the program, by name or number. Default: the base's.
	StopSignal string `yaml:"stopsignal"`
	// Healthcheck is how Docker asks the program whether it works. Default: the base's.
	Healthcheck *Healthcheck `yaml:"healthcheck"`
	// Capabilities are file capabilities by absolute path, as setcap takes them.
	Capabilities map[string]string `yaml:"capabilities"`
	// Variants are images of their own, by name, like this one but for a level.
	Variants map[string]Levels `yaml:"variants"`
	// Debug adds the image NAME-debug, which runs the program under Delve. Default: false.
	Debug bool `yaml:"debug"`
}

// ImageBinary is a binary in an image. In YAML a string stands for its Name.
type ImageBinary struct {
	// Name of the binary. Required.
	Name string `yaml:"name"`
	// Path is the absolute path in the image. Default: /usr/local/bin/NAME.
	Path string `yaml:"path"`
}

// Dest is the path in the image, without an .exe.
func (b ImageBinary) Dest() string { return cmp.Or(b.Path, path.Join("/usr/local/bin", b.Name)) }

// Base is a reference by GOOS; "" is that of all others. In YAML a string is for all.
type Base map[string]string

// File is what an image holds besides binaries: a file or directory of the build context,
// of another image or from a URL, or a symbolic link.
type File struct {
	// From is a path in the context, or, with Image, an absolute path in that. It may be a
	// pattern as in .dockerignore but without **, whose matches then go into the directory To.
	From string `yaml:"from"`
	// Image that From is in. It may be a template.
	Image string `yaml:"image"`
	// URL that a file is downloaded from.
	URL string `yaml:"url"`
	// Checksum of what the URL gives. Required with it.
	Checksum string `yaml:"checksum"`
	// Link is what a symbolic link at To points at.
	Link string `yaml:"link"`
	// To is an absolute path in the image. A path that ends in / is a directory
	// that From is put into; a directory's content goes to To itself. Required.
	To string `yaml:"to"`
	// Mode is the permission in octal, as "0644". Directories, and files that are
	// executable in the context, can also be entered or run by those who may read
	// them; the directory To itself is made with 0755. Default: readable for all and
	// writable for the owner.
	Mode string `yaml:"mode"`
	// Owner is uid or uid:gid. Default: 0:0.
	Owner string `yaml:"owner"`
}

// Healthcheck is how Docker asks the program whether it works. Durations are written as 1m30s.
// https://docs.docker.com/reference/dockerfile/#healthcheck
type Healthcheck struct {
	// Test is [CMD, program, argument…], [CMD-SHELL, command] or [NONE]. Required.
	Test []string `yaml:"test"`
	// Interval between two tests. Default: 30s.
	Interval string `yaml:"interval"`
	// Timeout after which a test has failed. Default: 30s.
	Timeout string `yaml:"timeout"`
	// StartPeriod in which a failed test does not count. Default: 0s.
	StartPeriod string `yaml:"start-period"`
	// StartInterval between two tests of the StartPeriod. Default: 5s.
	StartInterval string `yaml:"start-interval"`
	// Retries are how many tests in a row must fail. Default: 3.
	Retries int `yaml:"retries"`
}

// Dist is the target of the same name: every binary for every platform, and SHA256SUMS.
type Dist struct {
	// Archive is none, which gives the bare binaries, tar.gz, zip, or auto, which is zip for
	// Windows and tar.gz for all others. Default: none.
	Archive string `yaml:"archive"`
	// Files of the context that each archive holds too.
	Files []string `yaml:"files"`
}

// Test is what the targets test and vet run.
type Test struct {
	// Packages are patterns as the go command takes them. Default: ./..., which is all.
	Packages []string `yaml:"packages"`
	// Race turns the race detector on, which takes cgo. Default: false.
	Race bool `yaml:"race"`
	// Vet runs go vet before the tests. Default: true.
	Vet *bool `yaml:"vet"`
	// Network lets the tests use the builder's network. Default: false.
	Network bool `yaml:"network"`
}

// Checks are about warnings.
type Checks struct {
	// Skip names the rules of warnings that this project accepts.
	Skip []string `yaml:"skip"`
}

// Cache says where compiled results are kept between machines.
type Cache struct {
	// Registry is the reference that every build imports from, and from its tag that ends in -TARGET, which gen bake
	// exports to. A build that imports from there itself, as that of a bake file, is left to it.
	Registry string `yaml:"registry"`
	// Deps says whether compiled dependencies are a layer that cache exports take along.
	// Without it only the builder's own cache mount keeps them. Default: true.
	Deps *bool `yaml:"deps"`
	// Seed is the reference of an image with the compiled dependencies of the last build that pushed it: the target deps. With -own
	// at its end it is that of the target own, with the project's own packages. gen bake then pushes both. A builder that is new to the project
	// starts from them when a module was bumped, an import added or source edited, and compiles only what that reaches.
	Seed string `yaml:"seed"`
}
