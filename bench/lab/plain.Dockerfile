# syntax=docker/dockerfile:1
FROM {{.From}} AS build
WORKDIR /src
ENV CGO_ENABLED=0
{{range .Modules}}COPY {{.}} {{.}}
{{end -}}
RUN ["go", "mod", "download"]
COPY . .
ARG TARGETOS TARGETARCH{{if .Stamped}} VERSION{{end}}
ENV GOOS=$TARGETOS GOARCH=$TARGETARCH
ENV GOFLAGS="'-ldflags=-s -w{{if .Stamped}} -X main.version=$VERSION{{end}}'"
RUN ["go", "build", "-trimpath", "-buildvcs=false", "-o", "/out/", {{words .Mains}}]

FROM scratch
COPY --from=build /out/ /usr/local/bin/
