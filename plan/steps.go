package plan

import (
	"strings"

	"github.com/acme/xbuild/internal/diag"
	"github.com/acme/xbuild/scan"
	"github.com/containerd/platforms"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

// StepID is an index in Plan.Steps.
type StepID int

// Step is one operation. The set is closed: Context, Named, Image, HTTP, System, Narrow, Prune, Std,
// Deps, CC, Compile, Link, Own, Tool, Setcap, Test, Dist, Summary, Layer.
type Step interface{ step() }

// Context is the part of the build context that is sent to the builder.
type Context struct {
	Include []string // patterns as in .dockerignore
	Exclude []string
}

// Image is the file system of an image.
type Image struct {
	Ref      string
	Platform ocispecs.Platform
	Pos      diag.Pos
}

// Named is a build context that the client names besides the main one.
type Named struct {
	Name string
	Pos  diag.Pos
}

// Outside is a directory, with a module of the program's own, that a go.mod or go.work names outside of the build context.
type Outside struct {
	From StepID // a Named
	Dir  string // slash path relative to the context, it begins with ..
}

// HTTP is a file from a URL. Its name is the result's only one.
type HTTP struct {
	URL      string
	Checksum string // sha256:…
	Pos      diag.Pos
}

// HTTPFile is the name of the file that an HTTP step gives.
const HTTPFile = "file"

// System holds what programs expect of a system: CA certificates, time zones, passwd and
// group with root and nonroot (65532), and /tmp. It is the same for all platforms and comes
// with xbuild.
type System struct{}

// Narrow gives each build a folder, named by its ID, with the source that go build reads
// for it and nothing else: what another binary or another system reads is not in it.
type Narrow struct {
	Context StepID
	Builds  []scan.Build // without Root, see Plan.Root
	Outside []Outside
}

// Prune takes from the toolchain what compiling and linking pure Go needs, as a root
// file system. Fresh machines pull that instead of the whole image.
type Prune struct{}

// Std compiles the part of the standard library that most programs take. Nothing of the
// project is in it but which of two lists it compiles: a module bumped leaves it as it is.
type Std struct {
	Source    StepID // a Narrow
	Set       string // folder of the list in it
	Toolchain StepID // a CC; NoStep runs on the toolchain image
	Platform  ocispecs.Platform
	Flags     []string // of go build, without those of the linker and of modules
	Env       []string // KEY=value, sorted
}

// Deps downloads what binaries import that is not their own, and compiles it. Its result is
// the build cache entries that Std lacks and, of the modules, the files that a compile
// step needs: a layer that travels with every cache export, so a machine that has never
// seen the build compiles own packages only. Binaries that are compiled alike share it. All of
// it is in one folder, see Folder.
// It may use the network.
type Deps struct {
	Source    StepID // a Narrow
	Set       string // folder of the imports in it
	Toolchain StepID // a CC; NoStep runs on the toolchain image
	Std       StepID // NoStep when the standard library is compiled here too
	Platform  ocispecs.Platform
	Dir       string   // slash path of the module or workspace below the source
	Flags     []string // of go build, without those of the linker
	Env       []string // KEY=value, sorted
	Profile   string   // slash path below the source of what go build's -pgo names, or ""
	Download  bool     // modules are required, and not vendored
	Compile   bool     // false: modules only, see spec.Cache.Deps
	// Private are the hosts to log in to, sorted by prefix; empty without Download.
	Private []PrivateHost
}

// Folder is the one that the result is in, so that several results lie side by side in an image.
func (d Deps) Folder() string {
	return strings.ReplaceAll(platforms.Format(d.Platform), "/", "-") + "-" + d.Set
}

// OwnFolder is the one of an Own of the step.
func (d Deps) OwnFolder() string { return d.Folder() + "-own" }

// Compile makes one binary for one platform. It runs on the build platform, with
// the network off and the source read-only.
type Compile struct {
	Source    StepID // a Narrow
	Build     string // the ID of the build in it
	Toolchain StepID // a Prune or a CC
	Std       StepID // NoStep or a Std
	Deps      StepID
	Binary    string
	Platform  ocispecs.Platform // what it is for, without a variant that shares it
	Dir       string            // slash path of the module or workspace below the source
	Package   string            // ./cmd/shop, relative to Dir
	Flags     []string          // of go build, without -o and the package
	Env       []string          // KEY=value, sorted
	// Output is the file name of the result: shop, shop.exe. When it is "" nothing is
	// linked, and the result is the build cache entries of the own packages.
	Output string
	Pos    diag.Pos
}

// Link links a binary whose flags carry a stamp, from packages that are compiled already.
type Link struct {
	Compile        // with the Output and the linker's flags
	Objects StepID // a Compile without Output
}

// Own compiles the own packages of all binaries that share a Deps, from the whole Context. Its result is the
// build cache entries of those that no result of another step has, in the folder OwnFolder of the Deps.
type Own struct {
	Compile           // without Binary, Build, Package and Output
	Packages []string // ./cmd/shop, relative to Dir
	Outside  []Outside
}

// Tool is a program from a module of its own, compiled for a platform.
type Tool struct {
	Package  string // github.com/go-delve/delve/cmd/dlv
	Version  string // v1.26.0
	Platform ocispecs.Platform
	Env      []string // KEY=value, sorted
	Output   string   // file name of the result
	Private  []PrivateHost
}

// Setcap gives one file its capabilities. The result holds the file alone, under its base name.
type Setcap struct {
	From         StepID
	Src          string // slash path in the result of From
	Capabilities string // as setcap takes them: cap_net_bind_service=+ep
	Pos          diag.Pos
}

// Test runs go vet or go test on the build platform, with the whole context as source. The
// result is what the command printed, as output.txt.
type Test struct {
	Source    StepID // a Context
	Toolchain StepID // a CC; NoStep runs on the toolchain image
	Std       StepID // NoStep or a Std
	Deps      StepID
	Name      string     // of the target: test or vet
	Dir       string     // slash path of the module or workspace below the source
	Commands  [][]string // each go, its verb, flags and packages; none runs after one that failed
	Env       []string   // KEY=value, sorted
	Network   bool
	Pos       diag.Pos
	Outside   []Outside
}

// Dist is one tree of the binaries of all platforms, or of archives of them, and SHA256SUMS.
type Dist struct {
	Binaries []DistBinary
	Files    StepID   // a Context
	Paths    []string // slash paths in Files that each archive holds
}

// DistBinary is a binary in a Dist.
type DistBinary struct {
	From    StepID // a Compile or a Link
	Src     string // name of the file in From
	Name    string // of the file in the tree, or in the archive
	Archive string // name of the archive, which ends in .tar.gz or .zip; "" for none
}

// Summary is a text about dependencies.
type Summary struct {
	Deps []StepID // each a Deps
}

// NoStep stands where a step refers to none.
const NoStep StepID = -1

// Layer is one copy onto scratch, or a symbolic link, with explicit owner, mode and time.
type Layer struct {
	From StepID // what is copied from; NoStep for a link
	Src  string // slash path in the result of From; a directory stands for its content
	// Wildcard says that Src is a pattern, as path.Match takes it.
	Wildcard bool
	Link     string // what the link at Dest points at; "" for a copy
	// Same says that the whole result of From is the layer as it is, and not a copy of it. Src and
	// Dest are / then.
	Same bool   `json:",omitempty"`
	Dest string // absolute path in the image; ends in / to name the directory for a file
	// Mode is a symbolic mode as chmod(1) takes, which suits directories too. "" is Perm.
	Mode string
	// Perm are permission bits, for a single file and for builders that know no
	// symbols. 0 keeps what the file has.
	Perm uint32
	UID  int
	GID  int
	Name string // what it holds, for people and for the image history
	Pos  diag.Pos
}

func (Context) step() {}
func (Narrow) step()  {}
func (Prune) step()   {}
func (Std) step()     {}
func (Deps) step()    {}
func (Compile) step() {}
func (Link) step()    {}
func (Own) step()     {}
func (Layer) step()   {}
func (Image) step()   {}
func (Named) step()   {}
func (HTTP) step()    {}
func (System) step()  {}
func (Tool) step()    {}
func (Setcap) step()  {}
func (Test) step()    {}
func (Dist) step()    {}
func (Summary) step() {}
