// Package spec reads the xbuild spec: a small YAML file whose first line is
// `# syntax=acme/xbuild`. A [Spec] is plain data that can as well be built in
// Go. [Parse] keeps the place of every value and reports every mistake at once.
package spec

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

	// Build holds what every binary starts from.
	Build Build `yaml:"build"`
	// Binaries by name. Empty: one for each main package of the module.
	Binaries map[string]Binary `yaml:"binaries"`
	// Images by name; each is a target. Empty: one for each binary.
	Images map[string]Image `yaml:"images"`

	Cache Cache `yaml:"cache"`

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
}

// Build is how a binary is compiled. In Spec.Build it is the default of every
// binary; a binary's own lists are added to it, its own values replace it.
type Build struct {
	// CGo turns cgo on. Default: false.
	CGo *bool `yaml:"cgo"`
	// Flags of go build, in addition to -trimpath and -buildvcs=false.
	Flags []string `yaml:"flags"`
	// LDFlags of the linker, in addition to -s and -w; joined by spaces. They may hold
	// templates, as {{.Version}}: see plan.Stamp.
	LDFlags []string `yaml:"ldflags"`
	// Tags are build tags.
	Tags []string `yaml:"tags"`
	// GCFlags and ASMFlags go to go build's -gcflags and -asmflags, one flag each.
	GCFlags  []string `yaml:"gcflags"`
	ASMFlags []string `yaml:"asmflags"`
	// BuildMode is go build's -buildmode: default, exe or pie.
	BuildMode string `yaml:"buildmode"`
	// Env is set in the compile step, over Spec.Go.Env.
	Env map[string]string `yaml:"env"`

	// The level of the instruction set, for the architecture that each names.
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
}

// Image is one container image.
type Image struct {
	// Binaries by name, each in /usr/local/bin. Default: the binary that is named
	// as the image, else the only one.
	Binaries []string `yaml:"binaries"`
	// Base is the image to build on. Default: scratch. Its config is inherited.
	Base string `yaml:"base"`
	// Files to add from the build context.
	Files []File `yaml:"files"`

	User string `yaml:"user"`
	// Entrypoint. Default: the only binary, else the one named as the image.
	Entrypoint  []string          `yaml:"entrypoint"`
	Cmd         []string          `yaml:"cmd"`
	Env         map[string]string `yaml:"env"`
	WorkDir     string            `yaml:"workdir"`
	Ports       []string          `yaml:"ports"` // 8080, 8080/tcp, 53/udp, 8000-8010
	Volumes     []string          `yaml:"volumes"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
	StopSignal  string            `yaml:"stopsignal"`
}

// File is one file or directory of the build context that an image holds.
type File struct {
	// From is a path in the context.
	From string `yaml:"from"`
	// To is an absolute path in the image. A path that ends in / is a directory
	// that From is put into; a directory's content goes to To itself.
	To string `yaml:"to"`
	// Mode is the permission in octal, as "0644". Directories, and files that are
	// executable in the context, can also be entered or run by those who may read
	// them; the directory To itself is made with 0755. Default: readable for all and
	// writable for the owner.
	Mode string `yaml:"mode"`
}

// Cache says where compiled results are kept between machines.
type Cache struct {
	// Registry is the reference that every build imports from.
	Registry string `yaml:"registry"`
	// Deps says whether compiled dependencies are a layer that cache exports take along.
	// Without it only the builder's own cache mount keeps them. Default: true.
	Deps *bool `yaml:"deps"`
}
