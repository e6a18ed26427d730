# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM golang:1.26-alpine AS build
WORKDIR /src
ENV CGO_ENABLED=0
COPY . .
ARG TARGETOS TARGETARCH MAIN
ENV GOOS=$TARGETOS GOARCH=$TARGETARCH
WORKDIR /src/$MAIN
RUN --mount=type=cache,target=/root/.cache/go-build \
    ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", "/out/", "."]

FROM scratch
COPY --from=build /out/ /usr/local/bin/
