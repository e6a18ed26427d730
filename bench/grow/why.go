package grow

// Why a row is as it is, where xbuild takes more.
const (
	whySteps = "xbuild has two steps more than the Dockerfile (scan, narrow), a step and a layer of its own for each binary, and checks each binary; go build makes no image."

	whyBinaries = "Each binary is compiled in a step of its own, with a container, a look at the build cache and a check, and has a layer of its own, where the Dockerfile has " +
		"one go build for each platform. So an edit of one binary leaves the others alone."

	whyScan = "The source is read by scan, which finds out what each binary is made of, and copied by narrow, before the go command reads it as it does in the Dockerfile."

	whyMemory = "xbuild has the compilers collect garbage less often where there is memory for that, which makes them quicker; on a machine that has less of it they take less."

	whyDownload = "A new machine pulls what the standard library and the dependencies were compiled to; in the Dockerfile it compiles them again."

	whyUpload = "The standard library and the dependencies, compiled, are part of the exported cache. The Dockerfile has them in a cache mount, which is not exported."
)
