package cache

// Why a row is as it is, where a target is missed.
const (
	whyCold = "xbuild compiles a list of the standard library in a step of its own, packs what dependencies gave as layers, and prunes the toolchain and the modules: " +
		"what makes the next machine fast is paid once."
	whyWarm   = "Two steps more than the Dockerfile has (scan, narrow), a layer per binary, and the check of each binary; go build makes no image."
	whyBump   = "The Dockerfile compiles in one step; xbuild first makes the new dependency layer, for which the go command lists all packages twice, copies their sources and packs what was compiled, and then compiles against it."
	whySame   = "The scan runs in every build: it is what finds out that nothing has changed."
	whyExport = "What makes a fresh machine fast is in the cache: the compiled dependencies and standard library of each platform, and the pruned toolchain. The cache of a " +
		"Dockerfile with mounts has nothing that was compiled but the binaries."
	whyFresh = "What is left is pulling and unpacking the dependency layers, compiling what of the program's own packages the edit reaches, the link, and the push: see the steps below."
)
