package cache

// Why a row is as it is, where a target is missed.
const (
	whyCold = "xbuild compiles a list of the standard library in a step of its own, packs what dependencies gave as layers, and prunes the toolchain and the modules: " +
		"what makes the next machine fast is paid once."
	whyWarm   = "go build makes no image: to find out what to build, and to pack and push the binaries, take BuildKit and xbuild as long as they do for a program that compiles at once."
	whyBump   = "The Dockerfile compiles in one step; xbuild first makes the new dependency layer, for which the go command lists all packages twice, copies their sources and packs what was compiled, and then compiles against it."
	whySame   = "The scan runs in every build: it is what finds out that nothing has changed."
	whyExport = "What makes a fresh machine fast is in the cache: the compiled dependencies and standard library of each platform, and the pruned toolchain. The cache of a " +
		"Dockerfile with mounts has nothing that was compiled but the binaries."
	whyFresh = "What is left is pulling and unpacking the dependency layers, compiling what of the program's own packages the edit reaches, the link, and the push: see the steps below."
)
