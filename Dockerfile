# syntax=docker/dockerfile:1
# check=error=true

# Written by gen dockerfile from xbuild.yaml: change that and write this again.

FROM --platform=$BUILDPLATFORM golang:1.26.8-alpine AS toolchain
ENV GOCACHE=/go/build GOMODCACHE=/go/mod CGO_ENABLED=0 GODEBUG=goindex=0 GOENV=off GOFLAGS= GOTOOLCHAIN=local
WORKDIR /src

# The standard library, compiled.
FROM toolchain AS std
ARG TARGETOS TARGETARCH
ENV GOOS=$TARGETOS GOARCH=$TARGETARCH GOAMD64=v1 GOARM64=v8.0 GOPROXY=off
RUN --network=none \
    go build -trimpath -buildvcs=false archive/tar bufio bytes compress/gzip compress/zlib container/heap \
      container/list context crypto/ed25519 crypto/tls database/sql embed encoding/base64 encoding/binary \
      encoding/csv encoding/hex encoding/json encoding/pem encoding/xml errors expvar flag fmt hash/crc32 hash/crc64 \
      hash/fnv html/template io io/fs log log/slog maps math/big math/rand mime/multipart net net/http \
      net/http/httptrace net/http/httputil net/http/pprof net/mail net/url os os/exec os/signal os/user \
      path/filepath reflect regexp runtime/debug runtime/pprof runtime/trace slices sort strconv strings sync \
      text/tabwriter text/template time unicode/utf8

# All modules, in a layer: a machine that imports the cache downloads none.
FROM toolchain AS modules
COPY go.mod go.sum* ./
RUN --mount=type=cache,id=go-mod,target=/cache \
    mkdir -p "$GOMODCACHE/cache/download" && \
    GOMODCACHE=/cache go mod download && \
    GONOPROXY=none GOPROXY=file:///cache/cache/download GOSUMDB=off go mod download && \
    find "$GOMODCACHE/cache/download" -name '*.zip' -exec rm {} +

# What the programs import from elsewhere, compiled. It is a layer too, so a machine that imports the cache
# compiles own packages only. A list that is out of date makes builds slower, not wrong.
FROM std AS deps
COPY go.mod go.sum* ./
COPY --from=modules /go/mod /go/mod
RUN --network=none \
    go list -e -f '{{if not .Incomplete}}{{.ImportPath}}{{end}}' archive/tar archive/zip bufio bytes cmp \
      compress/gzip context crypto/sha256 debug/buildinfo debug/elf debug/macho debug/pe embed encoding/base64 \
      encoding/hex encoding/json encoding/pem errors flag fmt github.com/containerd/platforms \
      github.com/distribution/reference github.com/klauspost/compress/zstd github.com/moby/buildkit/client/llb \
      github.com/moby/buildkit/client/llb/sourceresolver github.com/moby/buildkit/exporter/containerimage/exptypes \
      github.com/moby/buildkit/frontend/dockerui github.com/moby/buildkit/frontend/gateway/client \
      github.com/moby/buildkit/frontend/gateway/grpcclient github.com/moby/buildkit/frontend/gateway/pb \
      github.com/moby/buildkit/frontend/subrequests github.com/moby/buildkit/frontend/subrequests/lint \
      github.com/moby/buildkit/frontend/subrequests/outline github.com/moby/buildkit/frontend/subrequests/targets \
      github.com/moby/buildkit/identity github.com/moby/buildkit/solver/errdefs github.com/moby/buildkit/solver/pb \
      github.com/moby/buildkit/util/apicaps github.com/moby/buildkit/util/appcontext \
      github.com/moby/buildkit/util/bklog github.com/moby/buildkit/util/system \
      github.com/moby/docker-image-spec/specs-go/v1 github.com/moby/sys/capability \
      github.com/opencontainers/go-digest github.com/opencontainers/image-spec/specs-go/v1 \
      github.com/tonistiigi/fsutil go.yaml.in/yaml/v4 go/build go/parser go/token go/version \
      golang.org/x/crypto/x509roots/fallback/bundle golang.org/x/mod/modfile golang.org/x/mod/module \
      golang.org/x/sync/errgroup io io/fs iter maps math net/url os os/exec path path/filepath reflect regexp \
      runtime slices strconv strings sync sync/atomic syscall text/template text/template/parse time unicode/utf8 \
    | xargs -r go build -trimpath -buildvcs=false || true

FROM deps AS source
COPY . /src

FROM source AS build-frontend
RUN --network=none --mount=type=cache,id=go-build,target=/cache \
    { cp -Ru /go/build/. /cache || cp -Ru /go/build/. /cache; } && \
    GOCACHE=/cache go build -trimpath -buildvcs=false '-ldflags=-s -w' -o /out/frontend ./cmd/frontend

FROM source AS build-gostep
RUN --network=none --mount=type=cache,id=go-build,target=/cache \
    { cp -Ru /go/build/. /cache || cp -Ru /go/build/. /cache; } && \
    GOCACHE=/cache go build -trimpath -buildvcs=false '-ldflags=-s -w' -o /out/gostep ./cmd/gostep

FROM source AS build-system
RUN --network=none --mount=type=cache,id=go-build,target=/cache \
    { cp -Ru /go/build/. /cache || cp -Ru /go/build/. /cache; } && \
    GOCACHE=/cache go build -trimpath -buildvcs=false '-ldflags=-s -w' -o /out/system ./cmd/system

FROM scratch AS binaries
COPY --from=build-frontend /out/frontend /frontend
COPY --from=build-gostep /out/gostep /gostep
COPY --from=build-system /out/system /system

FROM toolchain AS test
ENV GOAMD64=v1 GOPROXY=off
COPY --from=modules /go/mod /go/mod
COPY . /src
RUN --network=none --mount=type=cache,id=go-build,target=/cache \
    GOCACHE=/cache go vet -buildvcs=false ./... && \
    GOCACHE=/cache go test -count=1 -buildvcs=false ./...

FROM toolchain AS vet
ENV GOAMD64=v1 GOPROXY=off
COPY --from=modules /go/mod /go/mod
COPY . /src
RUN --network=none --mount=type=cache,id=go-build,target=/cache \
    GOCACHE=/cache go vet -buildvcs=false ./...

FROM scratch AS xbuild
COPY --from=build-frontend /out/frontend /frontend
COPY --from=build-gostep /out/gostep /gostep
COPY --from=build-system /out/system /system
LABEL moby.buildkit.frontend.caps=moby.buildkit.frontend.inputs,moby.buildkit.frontend.subrequests,moby.buildkit.frontend.contexts,moby.buildkit.frontend.gitquerystring
LABEL moby.buildkit.frontend.network.none=true
ENTRYPOINT ["/frontend"]
