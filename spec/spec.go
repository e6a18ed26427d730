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
	// another one is refused. Empty: every platform is allowed.
	Platforms []string `yaml:"platforms"`
	// Default is the image that a request without a target means.
	Default string `yaml:"default"`

	Go Go `yaml:"go"`

	// Args are the build args that a request may set, with their defaults. Free text, as
	// labels or ldflags, takes one as {{.Args.channel}}.
	Args map[string]string `yaml:"args"`

	// Build holds what every binary starts from.
	Build Build `yaml:"build"`
	// Binaries by name. Empty: one for each main package of the module.
	Binaries map[string]Binary `yaml:"binaries"`
	// Images by name; each is a target. Empty: one for each binary.
	Images map[string]Image `yaml:"images"`

	Dist   Dist   `yaml:"dist"`
	Test   Test   `yaml:"test"`
	Checks Checks `yaml:"checks"`
	Cache  Cache  `yaml:"cache"`

	places places
}

// Go says which toolchain compiles.
type Go struct {
	// Version of Go, as 1.N or 1.N.P. Default: the toolchain line, else the go
	// line, of go.work or go.mod.
	Version string `yaml:"version"`
	// Image that holds the toolchain. Default: the official image for Version.
	Image string `yaml:"image"`
	// Env is set in every step that runs the go command.
	Env map[string]string `yaml:"env"`
	// Proxy is where modules come from, as GOPROXY takes it. Default: the go command's.
	Proxy string `yaml:"proxy"`
	// Parallel bounds the compiles that run at once within one step, as go build -p does.
	// 0: as many as the builder has processors.
	Parallel int `yaml:"parallel"`
	// Private says how modules are fetched that are not public, by the beginning of their
	// paths: github.com/acme.
	Private map[string]Private `yaml:"private"`
}

// Private is how the modules of a host are fetched: one of its fields is set, to the id
// that the client gives the secret or SSH agent: docker buildx build --secret id=…
type Private struct {
	// Secret holds a token, or user:password.
	Secret string `yaml:"secret"`
	// Netrc holds a file as curl and git read it.
	Netrc string `yaml:"netrc"`
	// SSH is an agent that the client forwards.
	SSH string `yaml:"ssh"`
}

// Build is how a binary is compiled. In Spec.Build it is the default of every
// binary; a binary's own lists are added to it, its own values replace it. A list may
// be empty.
type Build struct {
	// CGo turns cgo on, and says what it takes. In YAML true or false will do. Default: off.
	CGo *CGo `yaml:"cgo"`
	// Flags of go build, in addition to -trimpath and -buildvcs=false.
	Flags []string `yaml:"flags" list:"added"`
	// LDFlags of the linker, in addition to -s and -w; joined by spaces. They may hold
	// templates, as {{.Version}}: see plan.Stamp.
	LDFlags []string `yaml:"ldflags" list:"added"`
	// Tags are build tags.
	Tags []string `yaml:"tags" list:"added"`
	// GCFlags and ASMFlags go to go build's -gcflags and -asmflags, one flag each.
	GCFlags  []string `yaml:"gcflags" list:"added"`
	ASMFlags []string `yaml:"asmflags" list:"added"`
	// BuildMode is go build's -buildmode: default, exe, pie, c-archive, c-shared or plugin.
	BuildMode string `yaml:"buildmode"`
	// PGO is go build's -pgo: auto, off, or a profile's path in the context. Default: auto,
	// which takes the main package's default.pgo.
	PGO string `yaml:"pgo"`
	// Env is set in the compile step, over Spec.Go.Env.
	Env map[string]string `yaml:"env"`

	Levels `yaml:",inline"`
}

// Levels are levels of the instruction set, each for the architecture that it names.
type Levels struct {
	GOAMD64   string `yaml:"goamd64"`   // v1 to v4
	GOARM     string `yaml:"goarm"`     // 5, 6 or 7, with ,softfloat or ,hardfloat
	GOARM64   string `yaml:"goarm64"`   // v8.0 to v9.5, with ,lse and ,crypto
	GO386     string `yaml:"go386"`     // sse2 or softfloat
	GOMIPS    string `yaml:"gomips"`    // hardfloat or softfloat
	GOMIPS64  string `yaml:"gomips64"`  // hardfloat or softfloat
	GOPPC64   string `yaml:"goppc64"`   // power8, power9 or power10
	GORISCV64 string `yaml:"goriscv64"` // rva20u64, rva22u64 or rva23u64
}

// Binary is one program. In YAML a string stands for a Binary with that Main.
type Binary struct {
	// Main is the directory of the main package, relative to the context: ./cmd/shop.
	Main  string `yaml:"main"`
	Build `yaml:",inline"`
	// Overrides change the build for some platforms; the later of two wins.
	Overrides []Override `yaml:"overrides"`
}

// Override is what a binary is compiled with on some platforms, besides what it is compiled
// with everywhere: lists are added to, values replace. Its Env may also hold the variables
// of Levels, as GOARM64, in place of their keys: see [Override.Settings].
type Override struct {
	// Platform is a target or several: linux, linux/arm64, linux/arm/v6, */arm64.
	Platform string            `yaml:"platform"`
	Flags    []string          `yaml:"flags" list:"added"`
	LDFlags  []string          `yaml:"ldflags" list:"added"`
	Tags     []string          `yaml:"tags" list:"added"`
	Env      map[string]string `yaml:"env"`
	Levels   `yaml:",inline"`
}

// CGo is how C is compiled. In YAML true stands for a CGo with nothing but Enabled, and a
// mapping is enabled.
type CGo struct {
	Enabled bool `yaml:"-"`
	// CC is the C compiler: gcc, clang, zig, or a program of the toolchain's image that is
	// one for the target. Default: zig where the image has it, else gcc.
	CC string `yaml:"cc"`
	// Packages are installed on the build platform, by their Debian names.
	Packages []string `yaml:"packages"`
	// Libs are installed for the target, by their Debian names: libsqlite3-dev.
	Libs []string `yaml:"libs"`
	// Static links the C library in, so that the binary runs on scratch.
	Static bool `yaml:"static"`
	// Snapshot is the time at which Debian's packages are taken, as snapshot.debian.org
	// names it: 20260801T000000Z. Without it images are not the same bits for ever.
	Snapshot string `yaml:"snapshot"`
}

// Image is one container image.
type Image struct {
	// Binaries that it holds. Default: the binary that is named as the image, else the only one.
	Binaries []ImageBinary `yaml:"binaries"`
	// Base is the image to build on, for every OS or by OS. Default: scratch. Its config
	// is inherited.
	Base Base `yaml:"base"`
	// Files to add.
	Files []File `yaml:"files"`
	// Certs adds to an image on scratch what programs expect of a system: CA
	// certificates, time zones, passwd and group with root and nonroot (65532), /tmp.
	// Default: true.
	Certs *bool `yaml:"certs"`

	User string `yaml:"user"`
	// Entrypoint. Default: the only binary, else the one named as the image.
	Entrypoint []string          `yaml:"entrypoint"`
	Cmd        []string          `yaml:"cmd"`
	Env        map[string]string `yaml:"env"`
	WorkDir    string            `yaml:"workdir"`
	Ports      []string          `yaml:"ports"` // 8080, 8080/tcp, 53/udp, 8000-8010
	Volumes    []string          `yaml:"volumes"`
	Labels     map[string]string `yaml:"labels"`
	// Annotations of the manifest. A key may begin with what it annotates, as buildx
	// writes it: "index:org.opencontainers.image.title".
	Annotations map[string]string `yaml:"annotations"`
	StopSignal  string            `yaml:"stopsignal"`
	Healthcheck *Healthcheck      `yaml:"healthcheck"`
	// Capabilities are file capabilities by absolute path, as setcap takes them:
	// cap_net_bind_service=+ep.
	Capabilities map[string]string `yaml:"capabilities"`
	// Variants are images of their own, like this one but for a level.
	Variants map[string]Levels `yaml:"variants"`
	// Debug adds the image NAME-debug, which runs the program under Delve.
	Debug bool `yaml:"debug"`
}

// ImageBinary is a binary in an image. In YAML a string stands for one with that Name.
type ImageBinary struct {
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
	// From is a path in the context, or, after an Image, an absolute path in it. It
	// may be a pattern as in .dockerignore, whose matches then go into the directory To.
	From string `yaml:"from"`
	// Image that From is in.
	Image string `yaml:"image"`
	// URL of a file, and its Checksum, sha256:… .
	URL      string `yaml:"url"`
	Checksum string `yaml:"checksum"`
	// Link is what a symbolic link at To points at.
	Link string `yaml:"link"`
	// To is an absolute path in the image. A path that ends in / is a directory
	// that From is put into; a directory's content goes to To itself.
	To string `yaml:"to"`
	// Mode is the permission in octal, as "0644". Directories, and files that are
	// executable in the context, can also be entered or run by those who may read
	// them; the directory To itself is made with 0755. Default: readable for all and
	// writable for the owner.
	Mode string `yaml:"mode"`
	// Owner is uid or uid:gid. Default: 0:0.
	Owner string `yaml:"owner"`
}

// Healthcheck is Docker's. Durations are written as 1m30s.
// https://docs.docker.com/reference/dockerfile/#healthcheck
type Healthcheck struct {
	// Test is [CMD, program, argument…], [CMD-SHELL, command] or [NONE].
	Test          []string `yaml:"test"`
	Interval      string   `yaml:"interval"`
	Timeout       string   `yaml:"timeout"`
	StartPeriod   string   `yaml:"start-period"`
	StartInterval string   `yaml:"start-interval"`
	Retries       int      `yaml:"retries"`
}

// Dist is the target of the same name: every binary for every platform, and SHA256SUMS.
type Dist struct {
	// Archive is none, tar.gz, zip, or auto, which is zip for Windows and tar.gz for all
	// others. Default: none, which gives the bare binaries.
	Archive string `yaml:"archive"`
	// Files of the context that each archive holds too.
	Files []string `yaml:"files"`
}

// Test is what the targets test and vet run.
type Test struct {
	// Packages are patterns as the go command takes them. Default: ./...
	Packages []string `yaml:"packages"`
	// Race turns the race detector on, which takes cgo.
	Race bool `yaml:"race"`
	// Vet runs go vet before the tests. Default: true.
	Vet *bool `yaml:"vet"`
	// Network lets the tests use the builder's network.
	Network bool `yaml:"network"`
}

// Checks are about warnings.
type Checks struct {
	// Skip names the rules of warnings that this project accepts.
	Skip []string `yaml:"skip"`
}

// Cache says where compiled results are kept between machines.
type Cache struct {
	// Registry is the reference that every build imports from.
	Registry string `yaml:"registry"`
	// Deps says whether compiled dependencies are a layer that cache exports take along.
	// Without it only the builder's own cache mount keeps them. Default: true.
	Deps *bool `yaml:"deps"`
}
