// Command frontend is the entry point of the xbuild frontend image.
package main

import (
	"os"

	"github.com/acme/xbuild/internal/frontend"
	"github.com/moby/buildkit/frontend/gateway/grpcclient"
	"github.com/moby/buildkit/util/appcontext"
	"github.com/moby/buildkit/util/bklog"
)

func main() {
	// Standard output is the connection to the daemon: only standard error may be written to.
	if err := grpcclient.RunFromEnvironment(appcontext.Context(), frontend.Build); err != nil {
		bklog.L.Errorf("xbuild: %+v", err)
		os.Exit(1)
	}
}
